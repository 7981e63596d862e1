"""What the bootloader in a Pi 4's or 5's EEPROM leaves to the kernel: when it was made, and its configuration.

No emulated board has one: a real one's tree lends the nodes where the emulated one's has none, and what the bootloader
writes into them is written here, in the place and of the length that a Pi 5 shows in its kernel's log. How it is
changed: lab/recovery.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab import device_tree
from lab.boards import Board
from lab.hardware import fdt

# Behind the memory that QEMU's Pi 3 and 4 leave to their CPUs; no multiple of a page, and no longer than the text.
OFFSET = 0x3D016300
PAGE = 0x1000
ALIASES = ("blconfig", "blpubkey")


@dataclass(frozen=True)
class Bootloader:
    configuration: bytes
    built: int  # build-timestamp
    updated: int  # update-timestamp
    lender: Path  # the tree of a board that has such an EEPROM
    boot_mode: int = 1  # 1: from the card
    chip: str = "2711"  # 2712: a Pi 5's
    write_protected: bool = False

    def in_memory(self, board: Board, directory: Path) -> list[str]:
        """Words for QEMU."""
        file = directory / "blconfig"
        file.write_bytes(self.configuration)
        return ["-device", f"loader,file={file},addr={place(board):#x},force-raw=on"]

    def fill_in(self, tree: Path, board: Board) -> None:
        lend(self.lender, tree)
        put_place(tree, "blconfig", place(board), len(self.configuration))
        for name, number in (("build-timestamp", self.built), ("update-timestamp", self.updated),
                             ("boot-mode", self.boot_mode)):
            device_tree.put_cells(tree, "/chosen/bootloader", name, number)


def place(board: Board) -> int:
    """`virt` has no memory that Linux does not know: there it begins a page, the rest of which is Linux's."""
    return board.memory_at + (OFFSET - OFFSET % PAGE if board.memory_at else OFFSET)


def lend(lender: Path, tree: Path) -> None:
    """The nodes that the bootloader looks for by their aliases, and what is above them, go into another tree, which
    keeps its own count of cells."""
    source = fdt.parse(lender.read_bytes())
    target = fdt.parse(tree.read_bytes())
    for alias in ALIASES:
        node = source.alias(alias)
        if node is None or node.parent is None:
            continue
        for each in (node.parent, node):
            if target.find(each.path) is None:
                for name, value in each.properties.items():
                    if name != "phandle":
                        device_tree.put_bytes(tree, each.path, name, value)
        device_tree.put_text(tree, "/aliases", alias, node.path)
        target = fdt.parse(tree.read_bytes())


def put_place(tree: Path, alias: str, address: int, size: int) -> None:
    """As bootloaders do since 2025-02-11, by the cells that the tree counts in; nothing without the alias."""
    node = device_tree.get_text(tree, "/aliases", alias)
    if not node:
        return
    above = node.rpartition("/")[0]
    cells: list[int] = []
    for number, name in ((address, "#address-cells"), (size, "#size-cells")):
        count = device_tree.get_cells(tree, above, name)[0]
        cells += [number >> 32 * place & 0xFFFFFFFF for place in reversed(range(count))]
    device_tree.put_cells(tree, node, "reg", *cells)
    device_tree.put_text(tree, node, "status", "okay")
