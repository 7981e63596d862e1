"""python3 -m lab.kernel_options: see usage."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.errors import LabError
from lab.kernel_options import page, reasons
from lab.kernel_options.comparison import LEFT_OUT, README, RULES, Comparison
from lab.kernel_options.config import read_kconfig

USAGE = """\
usage: python3 -m lab.kernel_options check OUT           whether kernel/left-out has every symbol of Debian's kernels
                                                         that the one built in OUT has not, with a reason
       python3 -m lab.kernel_options renew OUT SOURCE    writes kernel/left-out and its table in kernel/README.md anew,
                                                         by kernel/left-out.rules; SOURCE: kernel/build.sh --tree
"""


def check(out: Path) -> int:
    found = Comparison.of_build(out).findings(reasons.parse(LEFT_OUT.read_text()))
    for line in found:
        print(f"kernel options: {line}", file=sys.stderr)
    return 1 if found else 0


def renew(out: Path, source: Path) -> int:
    compared = Comparison.of_build(out)
    rules = reasons.Rules(reasons.parse(RULES.read_text()))
    said, unexplained = reasons.classify(compared.missing(), read_kconfig(source), rules)
    for name in unexplained:
        print(f"kernel options: no rule of kernel/left-out.rules fits {name}", file=sys.stderr)
    if unexplained:
        return 1
    LEFT_OUT.write_text(reasons.to_text(said))
    README.write_text(page.put_into(README.read_text(), page.section(said, compared.debian)))
    return 0


def main(words: list[str]) -> int:
    if words in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    try:
        if len(words) == 2 and words[0] == "check":
            return check(Path(words[1]))
        if len(words) == 3 and words[0] == "renew":
            return renew(Path(words[1]), Path(words[2]))
    except LabError as error:
        print(f"kernel options: {error}", file=sys.stderr)
        return 1
    print(USAGE, end="", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
