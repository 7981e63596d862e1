"""python3 -m lab.hardware: see usage."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.hardware import drivers
from lab.hardware.errors import HardwareError
from lab.hardware.survey import survey

USAGE = """\
usage: python3 -m lab.hardware drivers TREE   what a kernel's build tree has drivers for (drivers.txt)
       python3 -m lab.hardware check OUT      whether each device tree of a build finds its drivers there
       python3 -m lab.hardware page OUT       docs/hardware.md, on standard output
"""


def main(words: list[str]) -> int:
    if words in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if len(words) != 2 or words[0] not in ("drivers", "check", "page"):
        print(USAGE, end="", file=sys.stderr)
        return 2
    verb, where = words[0], Path(words[1])
    try:
        if verb == "drivers":
            print(drivers.to_text(drivers.read_tree(where)), end="")
            return 0
        done = survey(where)
    except HardwareError as error:
        print(f"hardware: {error}", file=sys.stderr)
        return 1
    if verb == "page":
        print(done.page(), end="")
        return 0
    for finding in done.findings:
        print(f"hardware: {finding}", file=sys.stderr)
    return 1 if done.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
