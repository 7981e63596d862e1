"""Images of the bootloader for a card: those that are locked, or of a copy of Raspberry Pi's repository
rpi-eeprom. A Pi 4 or 5 that starts from the card takes from them what it needs (docs/eeprom.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from tools.card import ask, locked
from tools.card.errors import CardError
from tools.card.image import Files
from tools.card.options import cache, say

FOLDER = "eeprom"  # on the card: src/shim/bootloader/card_update.cpp looks there
CHIPS = {"2711": 512 << 10, "2712": 2 << 20}  # and the size of their EEPROM
IMAGE = re.compile(r"pieeprom-\d{4}-\d{2}-\d{2}\.bin")
RECOVERY = "recovery.bin"
LARGEST_RECOVERY = 1 << 20
LICENCE = "LICENSE"
ON_CARD = "licences/rpi-eeprom.txt"

# What --eeprom takes beside a folder.
DOWNLOAD, NONE = "download", "none"


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


def needed(copy: Path) -> list[Path]:
    """What of a copy of the repository a card needs: for each chip the default image, and those for single
    boards; and the licence."""
    found: list[Path] = []
    for chip, size in CHIPS.items():
        for folder in sorted(copy.glob(f"firmware-{chip}/default*")):
            if folder.is_dir():
                found += _folder_files(folder, size)
    if not found:
        raise CardError(f"{copy} has no firmware-2711/default and no firmware-2712/default with images: "
                        "--eeprom wants a copy of the repository rpi-eeprom")
    if not (copy / LICENCE).is_file():
        raise CardError(f"{copy / LICENCE} is missing, without which the bootloaders may not be passed on")
    return [copy / LICENCE, *found]


def _on_card(path: str) -> str:
    return ON_CARD if path == LICENCE else f"{FOLDER}/{path}"


def files(copy: Path) -> Files:
    """What of a copy of the repository goes onto a card."""
    return {_on_card(str(path.relative_to(copy))): path for path in needed(copy)}


def downloaded() -> Files:
    """The locked ones, from the cache or the network."""
    return {_on_card(path): content for path, content in locked.contents(cache(), locked.release()).items()}


def images(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if IMAGE.fullmatch(Path(name).name))


def sources_text(names: Iterable[str]) -> str:
    """For the end of the list of every part: tools/card/parts.py."""
    return (f"\nRaspberry Pi's bootloaders for the EEPROM: {FOLDER}/\n"
            f"    licence: proprietary; may be passed on unchanged, for use on a Raspberry Pi ({Path(ON_CARD).name})\n"
            "    source:  Raspberry Pi's repository rpi-eeprom; there is no source of the bootloaders themselves\n"
            f"    version: {', '.join(name.removeprefix(f'{FOLDER}/') for name in images(names))}\n")


OFFER = """
Should the card have Raspberry Pi's bootloaders? A Pi 4, 400, 5, 500 or CM5 that starts from it then adds the
network to its boot order, once, so that later it can boot without a card (docs/eeprom.md). Boards that have
it already, and all others, stay as they are. Without the bootloaders the card starts every board as well.

  what     {images}
           of Raspberry Pi's repository rpi-eeprom, {commit}
  size     {size}
  licence  proprietary; for use with a Raspberry Pi, may be passed on unchanged; its text comes along

{verb} them? [y/N] """


def _offer(of: locked.Release) -> str:
    there = locked.is_kept(cache(), of)
    size = f"{of.size / 1e6:.1f} MB"
    where = urlsplit(of.address).hostname
    return OFFER.format(images="\n           ".join(images(file.path for file in of.files)), commit=of.commit[:12],
                        size=f"{size}, which are in the cache already" if there else
                        f"{size} from {where}, each file checked by its SHA-256",
                        verb="Add" if there else "Download and add")


def choose(said: str | None, may_ask: bool) -> Files:
    """What --eeprom says; where it was not said, what a person answers; nothing where there is none to ask."""
    if said is None:
        if not may_ask:
            say("the card gets no bootloaders for a Pi 4 or 5: --eeprom download adds them (docs/eeprom.md)")
            return {}
        said = DOWNLOAD if ask.answer(_offer(locked.release())) in ("y", "yes") else NONE
    if said == NONE:
        return {}
    return downloaded() if said == DOWNLOAD else files(Path(said))
