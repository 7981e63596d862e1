"""The stand-in for recovery.bin, which the boot ROM of a Pi 4 or 5 starts from a card before it looks into the EEPROM.

It takes pieeprom.upd, if pieeprom.sig fits, calls itself recovery.000 and restarts: what a program of Raspberry Pi's
does that no emulator runs (https://www.raspberrypi.com/documentation/computers/raspberry-pi.html, "Raspberry Pi boot
EEPROM"). Where the real one blinks, this one raises.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

from lab.bootloader import Bootloader
from lab.card import CardImage
from lab.firmware import FirmwareError

PROGRAM, USED = "recovery.bin", "recovery.000"
UPDATE, SIGNATURE = "pieeprom.upd", "pieeprom.sig"
FILE = 0x55AAF11F
ENDS = (0, 0xFFFFFFFF)
CONFIGURATION = b"bootconf.txt"


def run(card: CardImage, bootloader: Bootloader) -> Bootloader:
    """What is in the EEPROM when the bootloader in it starts: the same, where the card has no recovery.bin, or where
    nothing can be written."""
    program = card.get(PROGRAM)
    # One for another chip is ignored by the boot ROM; those of the tests have the chip's number in them.
    if program is None or bootloader.chip.encode() not in program[0]:
        return bootloader
    image, signature = card.get(UPDATE), card.get(SIGNATURE)
    if image is None or signature is None:
        raise FirmwareError(f"recovery.bin: no {UPDATE if image is None else SIGNATURE}")
    time = checked(image[0], signature[0].decode(), bootloader)
    card.rename(PROGRAM, USED)
    if bootloader.write_protected:
        return bootloader
    return replace(bootloader, configuration=configuration_of(image[0]), updated=time)


def checked(image: bytes, signature: str, bootloader: Bootloader) -> int:
    """The time of the update."""
    lines = signature.splitlines()
    said = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if not lines or lines[0] != hashlib.sha256(image).hexdigest():
        raise FirmwareError(f"recovery.bin: {SIGNATURE} has not the SHA-256 of {UPDATE}")
    if said.get("target-soc", bootloader.chip) != bootloader.chip:
        raise FirmwareError(f"recovery.bin: an update for {said['target-soc']}, and this is {bootloader.chip}")
    time = int(said.get("ts", "0"))
    if time <= bootloader.updated:
        raise FirmwareError(f"recovery.bin: the update is of {time}, the EEPROM of {bootloader.updated}")
    return time


def configuration_of(image: bytes) -> bytes:
    """bootconf.txt, found from section to section."""
    at = 0
    while at + 24 <= len(image):
        kind, length = struct.unpack_from(">LL", image, at)
        if kind in ENDS:
            break
        if kind == FILE and image[at + 8 : at + 24].rstrip(b"\0") == CONFIGURATION:
            return image[at + 24 : at + 8 + length]
        at = (at + 8 + length + 7) & ~7
    raise FirmwareError(f"{UPDATE} has no bootconf.txt: it would not start")
