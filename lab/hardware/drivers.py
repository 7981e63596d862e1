"""What a kernel has drivers for, as its build leaves it: read once, kept as out/drivers.txt.

Three sources. Built-in drivers say their modaliases in modules.builtin.modinfo, `of:` among them since
Linux 6.18; the image's modules say theirs in the index that lies beside them (kernel/README.md). Clocks,
interrupt controllers, timers and reserved memory that are there before any driver is are in tables of
vmlinux; and so are, there or in the module, the compatible strings of drivers that state no alias, since
another one's alias has their module loaded.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

from lab.hardware.elf import Elf
from lab.hardware.errors import HardwareError

EARLY = {"clock": "__clk_of_table", "interrupt controller": "__irqchip_of_table", "timer": "__timer_of_table",
         "reserved memory": "__reservedmem_of_table"}
BUSES = ("of:", "pci:", "usb:", "mdio:", "sdio:")
MOST_BYTES = 16 << 20
# Tables of drivers/of/platform.c that say of what devices are made, not what drives them.
NO_DRIVERS = {"of_default_bus_match_table", "of_skipped_node_table", "reserved_mem_matches"}


@dataclass(frozen=True, order=True)
class Driver:
    kind: str  # built-in, module, symbol, table, or one of EARLY
    name: str
    pattern: str  # a modalias with wildcards, or (EARLY, table) a compatible string; "" for a symbol


def _built_in(text: bytes) -> list[Driver]:
    """Of "mod.alias=PATTERN\\0mod.license=GPL\\0…"."""
    found = []
    for entry in text.split(b"\0"):
        name, _, value = entry.decode("ascii", "replace").partition(".alias=")
        if value.startswith(BUSES):
            found.append(Driver("built-in", name, value))
    return found


def _modules(index: str) -> list[Driver]:
    """Of lines "alias PATTERN NAME"; names may be all that a module is known by."""
    found = []
    for line in index.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "alias" and words[1].startswith(BUSES):
            found.append(Driver("module", words[2], words[1]))
    return found


def _of_vmlinux(elf: Elf) -> list[Driver]:
    found = [Driver(kind, table, text) for kind, table in EARLY.items() for text in elf.table(table)]
    found += [Driver("table", name, text) for name, texts in elf.match_tables() for text in texts
              if not name.startswith("__of_table_") and name not in NO_DRIVERS]
    found += [Driver("symbol", symbol.name, "") for symbol in elf.symbols
              if symbol.is_object and symbol.name.endswith("_driver")]
    return found


def _content(path: Path, most: int = MOST_BYTES) -> bytes:
    try:
        size = path.stat().st_size
        if size > most:
            raise HardwareError(f"{path} has {size} bytes; at most {most} are read")
        return path.read_bytes()
    except OSError as error:
        raise HardwareError(f"cannot read {path}: {error.strerror}") from error


def read_tree(tree: Path) -> list[Driver]:
    """tree: a build tree of kernel/build.sh."""
    try:
        elf = Elf(_content(tree / "vmlinux", 1 << 30))
        found = _of_vmlinux(elf)
    except HardwareError as error:
        raise HardwareError(f"{tree / 'vmlinux'}: {error}") from error
    found += _built_in(_content(tree / "modules.builtin.modinfo"))
    found += _modules(_content(tree / "bootwire" / "modules" / "index").decode("ascii", "replace"))
    found += _of_module_files(tree)
    return sorted(set(found))


def _of_module_files(tree: Path) -> list[Driver]:
    """Of lines "NAME FILE …", the modules of the image."""
    found = []
    for line in _content(tree / "bootwire" / "modules.list").decode("ascii", "replace").splitlines():
        name, file, *_ = [*line.split(), "", ""]
        try:
            tables = list(Elf(_content(tree / file)).match_tables())
        except HardwareError as error:
            raise HardwareError(f"{tree / file}: {error}") from error
        found += [Driver("module", name, f"of:N*T*C{text}") for _, texts in tables for text in texts]
    return found


def to_text(found: list[Driver]) -> str:
    return "# What this kernel has drivers for: lab/hardware/drivers.py\n" + "".join(
        "\t".join((driver.kind, driver.name, driver.pattern)) + "\n" for driver in found)


def from_text(text: str) -> list[Driver]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split("\t")
        if line.startswith("#"):
            continue
        if len(fields) != 3:
            raise HardwareError(f"line {number} is not of three fields")
        found.append(Driver(*fields))
    return found


class Catalogue:
    """Asks for a driver by what a node says."""

    def __init__(self, found: list[Driver]) -> None:
        self._compatible: dict[str, Driver] = {}
        self._other: list[Driver] = []
        self._symbols = {driver.name for driver in found if driver.kind == "symbol"}
        rank = {"built-in": 0, "module": 1, **{kind: 2 for kind in EARLY}, "table": 3}
        for driver in sorted((each for each in found if each.kind in rank), key=lambda each: rank[each.kind]):
            of = re.fullmatch(r"of:N([^*]*|\*)T([^*]*|\*)C(.*?)(C\*)?", driver.pattern)
            if of or driver.kind == "table" or driver.kind in EARLY:
                self._compatible.setdefault(of.group(3) if of else driver.pattern, driver)
            else:
                self._other.append(driver)

    def for_compatible(self, compatible: str) -> Driver | None:
        return self._compatible.get(compatible)

    def for_modalias(self, modalias: str) -> Driver | None:
        return next((each for each in self._other if fnmatch.fnmatchcase(modalias, each.pattern)), None)

    def has_symbol(self, name: str) -> bool:
        return name in self._symbols
