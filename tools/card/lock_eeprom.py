"""Which bootloaders are offered for cards: those of a copy of Raspberry Pi's repository rpi-eeprom.

    git clone --depth 1 https://github.com/raspberrypi/rpi-eeprom
    python3 -m tools.card.lock_eeprom rpi-eeprom "$(git -C rpi-eeprom rev-parse HEAD)"
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

from tools.card import eeprom, locked
from tools.card.errors import CardError


def lock(copy: Path, commit: str, old: str) -> str:
    """The lock for a copy at a commit; its comments and its address stay as they were."""
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise CardError(f"'{commit}' is no commit: all 40 digits of it are wanted")
    lines = [line for line in old.splitlines() if line.startswith(("#", "repository "))]
    lines.append(f"commit {commit}")
    for path in sorted(str(path.relative_to(copy)) for path in eeprom.needed(copy)):
        content = (copy / path).read_bytes()
        lines.append(f"file {path} {len(content)} {hashlib.sha256(content).hexdigest()}")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        text = lock(Path(words[0]), words[1], locked.LOCK.read_text())
        locked.parse(text)
    except CardError as error:
        print(f"bootwire: {error}", file=sys.stderr)
        return 1
    new = locked.LOCK.with_suffix(".new")
    new.write_text(text)
    os.replace(new, locked.LOCK)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
