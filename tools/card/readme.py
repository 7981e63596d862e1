"""README.txt: for the person who opens the card."""

from __future__ import annotations

from collections.abc import Iterable

from tools.card.content import TABLE, WRITTEN


def dos(text: str) -> bytes:
    """Line ends that every editor shows as such."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _list(names: set[str]) -> str:
    rows = [(item.name, item.purpose) for item in TABLE if item.name in names]
    if _has_bootloaders(names):
        rows.append(("eeprom", "4, 400, 5, 500, CM5: the bootloaders"))
    rows += [("bootwire.txt, README.txt", "for you"), ("licences", "whose all this is, and where its source is")]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {purpose}" for name, purpose in rows)


def _has_bootloaders(names: set[str]) -> bool:
    return any(name.startswith("eeprom/") for name in names)


def card(names: Iterable[str], sets_bit: bool = False) -> bytes:
    """sets_bit: made by --otp."""
    there = set(names)
    text = (WRITTEN / "README.txt").read_text()
    for mark, page, wanted in (("%OTP%\n", "README-otp.txt", sets_bit),
                               ("%EEPROM%\n", "README-eeprom.txt", _has_bootloaders(there))):
        text = text.replace(mark, (WRITTEN / page).read_text() if wanted else "")
    return dos(text.replace("%FILES%", _list(there)))


def bootcode() -> bytes:
    return dos((WRITTEN / "README-bootcode.txt").read_text())
