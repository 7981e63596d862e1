"""The kernel's modules that do not travel with it: an image of some, and a kernel that asks for it.

The build that makes all of them is long; here are those of kernel/lab.config, in the same shape. What the kernel is to
ask for comes in a second initramfs, as if it were of its own.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.before_init import lab_module
from lab.cpio import FILE, FOLDER, archive
from lab.processes import run, tool

NAME = "modules.sqfs"
ARCHIVE = "sum.cpio"


@dataclass
class Modules:
    image: Path
    release: str
    sha256: str

    @property
    def folder(self) -> str:
        return f"/lib/modules/{self.release}"


def tree(out: Path, folder: Path, names: Sequence[str]) -> str:
    """lib/modules/RELEASE below the folder, with depmod's tables. Returns the release."""
    release = ""
    for name in names:
        module = folder / f"{name}.ko"
        module.write_bytes(lab_module(out, name))
        release = run("modinfo", "-F", "vermagic", str(module)).split()[0]
        place = folder / "lib" / "modules" / release / "kernel"
        place.mkdir(parents=True, exist_ok=True)
        shutil.move(module, place / module.name)
    run(tool("depmod"), "-b", str(folder), release)
    return release


def make(out: Path, folder: Path, names: Sequence[str]) -> Modules:
    """An image of modules of kernel/lab.config, for the very kernel in out."""
    folder.mkdir(parents=True, exist_ok=True)
    release = tree(out, folder, names)
    image = folder / NAME
    run(tool("mksquashfs"), str(folder / "lib" / "modules" / release), str(image), "-noappend", "-all-root",
        "-no-progress", "-comp", "zstd")
    return Modules(image, release, hashlib.sha256(image.read_bytes()).hexdigest())


def have_kernel_ask(root: Path, sha256: str) -> None:
    """In a TFTP root, or the files of a card: the kernel knows that sum."""
    (root / ARCHIVE).write_bytes(archive([("modules", FOLDER, b""), ("modules/sha256", FILE, f"{sha256}\n".encode())]))
    with (root / "config.txt").open("a") as config:
        config.write(f"\n[all]\ninitramfs {ARCHIVE} followkernel\n")
