"""usage: tests/kernel/from_patch.py PATCH FILE OUTPUT

Writes the file that the patch creates to OUTPUT, without its #includes: C for which somebody else brings what
the kernel has (cmdline_secrets.h here). Exits with 1 if the patch does not create that file, or not
as long as it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r"^#include\s")


def created(patch: str, file: str) -> list[str]:
    """The lines of that file; an exception's text is for a person."""
    head = f"--- a/{file}\n+++ b/{file}\n"
    _, found, rest = patch.partition(head)
    if not found:
        raise ValueError(f"nothing about {file} in it")
    hunk = re.match(r"@@ -0,0 \+1,(\d+) @@", rest)
    if not hunk:
        raise ValueError(f"it does not create {file}")
    lines = rest.splitlines()[1:1 + int(hunk[1])]
    following = rest.splitlines()[1 + int(hunk[1]):][:1]
    if any(not line.startswith("+") for line in lines) or following and not following[0].startswith("---"):
        raise ValueError(f"{file} is not {hunk[1]} lines long")
    return [line[1:] for line in lines]


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        sys.exit(__doc__)
    patch, file, output = arguments
    try:
        lines = created(Path(patch).read_text(encoding="utf-8"), file)
    except ValueError as error:
        sys.exit(f"{patch}: {error}")
    code = [line for line in lines if not INCLUDE.match(line)]
    text = "\n".join(["// NOLINTBEGIN: a kernel's style", *code, "// NOLINTEND"]) + "\n"
    Path(output).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
