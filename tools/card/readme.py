"""README.txt: for the person who opens the card."""

from __future__ import annotations

from collections.abc import Iterable

from tools.card.content import TABLE, WRITTEN


def dos(text: str) -> bytes:
    """Line ends that every editor shows as such."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _list(names: Iterable[str]) -> str:
    there = set(names)
    rows = [(item.name, item.purpose) for item in TABLE if item.name in there]
    rows += [("bootwire.txt, README.txt", "for you"), ("licences", "whose all this is, and where its source is")]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {purpose}" for name, purpose in rows)


def card(names: Iterable[str]) -> bytes:
    return dos((WRITTEN / "README.txt").read_text().replace("%FILES%", _list(names)))


def bootcode() -> bytes:
    return dos((WRITTEN / "README-bootcode.txt").read_text())
