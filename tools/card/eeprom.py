"""Images of the bootloader for a card, from a copy of Raspberry Pi's repository rpi-eeprom. A Pi 4 or 5
that starts from the card takes from them what it needs (docs/eeprom.md)."""

from __future__ import annotations

import re
from pathlib import Path

from tools.card.errors import CardError
from tools.card.image import Files

FOLDER = "eeprom"  # on the card: src/shim/bootloader/card_update.cpp looks there
CHIPS = {"2711": 512 << 10, "2712": 2 << 20}  # and the size of their EEPROM
IMAGE = re.compile(r"pieeprom-\d{4}-\d{2}-\d{2}\.bin")
RECOVERY = "recovery.bin"
LARGEST_RECOVERY = 1 << 20


def _folder_files(folder: Path, size: int) -> list[Path]:
    """The newest image of a folder, and what flashes it; nothing of a folder without one."""
    images = sorted(path for path in folder.iterdir() if IMAGE.fullmatch(path.name))
    if not images:
        return []
    newest, recovery = images[-1], folder / RECOVERY
    if newest.stat().st_size != size:
        raise CardError(f"{newest} has {newest.stat().st_size} bytes; the EEPROM of that chip has {size}")
    if not recovery.is_file() or not 0 < recovery.stat().st_size <= LARGEST_RECOVERY:
        raise CardError(f"{folder} has no {RECOVERY} that can be one: without it nothing is flashed")
    return [newest, recovery]


def files(source: Path) -> Files:
    """What of the folder goes onto a card: for each chip the default image, and those for single boards."""
    found: Files = {}
    for chip, size in CHIPS.items():
        for folder in sorted(source.glob(f"firmware-{chip}/default*")):
            if folder.is_dir():
                found.update({f"{FOLDER}/firmware-{chip}/{folder.name}/{path.name}": path
                              for path in _folder_files(folder, size)})
    if not found:
        raise CardError(f"{source} has no firmware-2711/default and no firmware-2712/default with images: "
                        "--eeprom wants a copy of the repository rpi-eeprom")
    return found
