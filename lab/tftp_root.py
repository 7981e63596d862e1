"""The TFTP root, or the files of an SD card: what bootwire built plus what the firmware reads.

The same files, by the same table, go to a real TFTP server (./bootwire tftp) and to cards.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lab.boards import Board
from lab.errors import LabError
from tools.card.content import TABLE, WRITTEN

TEMPLATES = WRITTEN / "tftp"
KERNEL = "Image.gz"


def _place(source: Path, destination: Path) -> None:
    """A hard link where it can be: a dozen roots of one build cost nothing."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.unlink(missing_ok=True)
    try:
        os.link(source, destination)
    except OSError:
        shutil.copyfile(source, destination)


def make(out: Path, root: Path) -> Path:
    """out: what ./bootwire build made. The vendor's firmware is left out: QEMU runs none; and the kernel's modules,
    which only tests of them want (lab/modules.py)."""
    if not (out / KERNEL).exists():
        raise LabError(f"{out / KERNEL} is missing: ./bootwire build makes it")
    root.mkdir(parents=True, exist_ok=True)
    for item in TABLE:
        if item.origin == "image":
            shutil.copyfile(WRITTEN / item.source, root / item.name)
        elif item.origin == "build" and item.name != "modules.sqfs" and (out / item.source).exists():
            _place(out / item.source, root / item.name)
    return root


def for_board(root: Path, board: Board, *words: str) -> None:
    """What a person would edit: words on the kernel's command line, and the console of `virt`."""
    file = root / "cmdline.txt"
    line = file.read_text().split()
    if board.name == "virt":
        line = [word for word in line if not word.startswith("console=")]
        line.insert(0, f"console={board.console}")
    file.unlink()
    file.write_text(" ".join([*line, *board.patience, *words]) + "\n")
