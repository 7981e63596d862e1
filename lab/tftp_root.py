"""The TFTP root, or the files of an SD card: what bootwire built plus what the firmware reads.

The same files go to a real TFTP server; image/tftp holds those that are written by hand.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lab.boards import Board
from lab.errors import LabError

TEMPLATES = Path(__file__).resolve().parent.parent / "image" / "tftp"
KERNEL = "Image.gz"
# What the vendor's firmware asks for, and which of the kernel's own trees that is.
OTHER_NAMES = {
    "bcm2711-rpi-cm4.dtb": "bcm2711-rpi-cm4-io.dtb",
}
BLOBS = ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat")


def _place(source: Path, destination: Path) -> None:
    """A hard link where it can be: a dozen roots of one build cost nothing."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.unlink(missing_ok=True)
    try:
        os.link(source, destination)
    except OSError:
        shutil.copyfile(source, destination)


def device_trees(out: Path) -> list[Path]:
    return sorted([*out.glob("dtbs/*.dtb"), *out.glob("*.dtb")])


def make(out: Path, root: Path, firmware: Path | None = None) -> Path:
    """out: what ./bootwire build made. firmware: a folder with the vendor's blobs, if there is one."""
    if not (out / KERNEL).exists():
        raise LabError(f"{out / KERNEL} is missing: ./bootwire build makes it")
    root.mkdir(parents=True, exist_ok=True)
    for name in ("config.txt", "cmdline.txt"):
        shutil.copyfile(TEMPLATES / name, root / name)
    _place(out / KERNEL, root / KERNEL)
    for tree in device_trees(out):
        _place(tree, root / tree.name)
    for name, known in OTHER_NAMES.items():
        if (root / known).exists():
            _place(root / known, root / name)
    for overlay in sorted(out.glob("overlays/*.dtbo")):
        _place(overlay, root / "overlays" / overlay.name)
    for blob in BLOBS:
        if firmware and (firmware / blob).exists():
            _place(firmware / blob, root / blob)
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
