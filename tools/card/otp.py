"""--otp: a card that sets, for ever, the bit of a board's one-time programmable memory with which it asks the
network where no card is in."""

from __future__ import annotations

from tools.card import ask
from tools.card.errors import CardError
from tools.card.options import say

# What --otp takes → its type in the board's revision code, which is one product's alone.
BOARDS = {"3b": 0x08}
TITLE = {"3b": "Raspberry Pi 3B"}


def parse(word: str) -> str:
    board = word.lower()
    if board not in BOARDS:
        raise CardError(f"there is no --otp {word}: only a Pi 3B (--otp 3b) has a bit to set; a 3B+ comes with it set, "
                        "a Pi 4 or 5 has an EEPROM instead (--eeprom), and a 3A+ and a Zero 2 W have no Ethernet")
    return board


def into_config(config: str, board: str) -> str:
    """config.txt with the setting, behind a filter that no other board matches."""
    return (f"{config.rstrip()}\n\n[board-type=0x{BOARDS[board]:02x}]\n"
            f"# Sets, once and for ever, the bit with which a {TITLE[board]} boots from the network without a card.\n"
            "# Made by --otp; without these lines the card changes nothing in the Pi.\n"
            "program_usb_boot_mode=1\n\n[all]\n")


def _warning(board: str) -> str:
    title = TITLE[board]
    return f"""
--otp {board}: each {title} that starts from this card, be it once, has a bit set in its chip, and from then on
asks the network (and USB disks) when no card is in. This cannot be undone. Other boards are not changed.
./bootwire sdcard --bootcode makes a card that does the same as long as it is in, and changes nothing in the Pi.
"""


def consent(board: str, yes: bool) -> None:
    """yes: it was said beforehand."""
    if yes:
        say(f"--otp {board}: each {TITLE[board]} that starts from this card is changed for ever")
    elif not ask.somebody_is_there():
        raise CardError(f"nobody is there to say yes to --otp {board}, which cannot be undone: "
                        "--yes makes the card without asking")
    elif ask.answer(f"{_warning(board)}\nTo make such a card, type yes: ") != "yes":
        raise CardError("nothing was made; ./bootwire sdcard --bootcode makes the card that changes nothing in the Pi")
