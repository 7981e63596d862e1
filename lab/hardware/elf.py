"""What vmlinux or a module says of itself: its symbols, and the tables of compatible strings that they name."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lab.hardware.errors import HardwareError

SYMBOL_TABLE, NO_BITS, OBJECT = 2, 8, 1
RELOCATABLE = 1  # a module: addresses count from the symbol's section
MOST_SECTIONS = 1000
MOST_SYMBOLS = 2_000_000
# struct of_device_id (include/linux/mod_devicetable.h): name, type, compatible, a pointer.
ENTRY = struct.Struct("<32s32s128sQ")
MOST_ENTRIES = 500


@dataclass(frozen=True)
class Symbol:
    name: str
    address: int
    size: int
    is_object: bool
    section: int


@dataclass(frozen=True)
class Section:
    kind: int
    address: int
    content: memoryview  # empty where the file has no bytes of it
    link: int


def _text(field: bytes) -> str | None:
    """A string in a field of fixed size; None if that is none."""
    text, _, rest = field.partition(b"\0")
    if rest.strip(b"\0") or not all(0x20 < byte < 0x7F for byte in text):
        return None
    return text.decode("ascii")


class Elf:
    """A 64-bit little-endian ELF file."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < 64 or blob[:6] != b"\x7fELF\x02\x01":
            raise HardwareError("no 64-bit little-endian ELF file")
        self.relocatable = struct.unpack_from("<H", blob, 16)[0] == RELOCATABLE
        at = struct.unpack_from("<Q", blob, 40)[0]
        size, count = struct.unpack_from("<2H", blob, 58)
        if size != 64 or count > MOST_SECTIONS or at + size * count > len(blob):
            raise HardwareError("its table of sections reaches beyond its end")
        self.sections = [self._section(blob, at + size * number) for number in range(count)]

    @staticmethod
    def _section(blob: bytes, at: int) -> Section:
        _, kind, _, address, offset, size, link = struct.unpack_from("<2I4QI", blob, at)
        if kind != NO_BITS and offset + size > len(blob):
            raise HardwareError("a section reaches beyond its end")
        return Section(kind, address, memoryview(blob)[offset : offset + (0 if kind == NO_BITS else size)], link)

    @cached_property
    def symbols(self) -> list[Symbol]:
        table = next((section for section in self.sections if section.kind == SYMBOL_TABLE), None)
        if table is None or table.link >= len(self.sections):
            raise HardwareError("has no symbols: is it stripped?")
        names = bytes(self.sections[table.link].content)
        if len(table.content) % 24 or len(table.content) // 24 > MOST_SYMBOLS:
            raise HardwareError("its table of symbols is of an impossible size")
        found = []
        for name_at, info, _, section, address, size in struct.iter_unpack("<IBBHQQ", table.content):
            end = names.find(b"\0", name_at)
            found.append(Symbol(names[name_at:end].decode("ascii", "replace"), address, size, info & 15 == OBJECT,
                                section))
        return found

    def _bytes(self, symbol: Symbol, size: int) -> memoryview:
        if self.relocatable:
            if symbol.section < len(self.sections):
                return self.sections[symbol.section].content[symbol.address : symbol.address + size]
            return memoryview(b"")
        for section in self.sections:
            at = symbol.address - section.address
            if section.address and 0 <= at < len(section.content):
                return section.content[at : at + size]
        return memoryview(b"")

    def table(self, name: str) -> list[str]:
        """The compatible strings from a symbol to the empty entry that ends the table."""
        symbol = next((symbol for symbol in self.symbols if symbol.name == name), None)
        if symbol is None:
            return []
        entries = self._bytes(symbol, MOST_ENTRIES * ENTRY.size)
        found: list[str] = []
        for at in range(0, len(entries) - ENTRY.size + 1, ENTRY.size):
            compatible = _text(ENTRY.unpack_from(entries, at)[2])
            if not compatible:
                return found
            found.append(compatible)
        raise HardwareError(f"{name} has no end within {MOST_ENTRIES} entries")

    def match_tables(self) -> Iterator[tuple[str, list[str]]]:
        """Every object that can only be an array of of_device_id with an empty entry at its end."""
        for symbol in self.symbols:
            if symbol.is_object and symbol.size > ENTRY.size and symbol.size % ENTRY.size == 0:
                found = self._entries(self._bytes(symbol, symbol.size))
                if found:
                    yield symbol.name, found

    @staticmethod
    def _entries(content: memoryview) -> list[str]:
        if len(content) % ENTRY.size or bytes(content[-ENTRY.size :]).strip(b"\0"):
            return []
        found = []
        for name, kind, compatible, _ in ENTRY.iter_unpack(content[: -ENTRY.size]):
            texts = [_text(field) for field in (name, kind, compatible)]
            if None in texts or not any(texts):
                return []
            if texts[2]:
                found.append(texts[2])
        return found
