"""An SD card as its FAT partition has it."""

from __future__ import annotations

import os
import struct
from pathlib import Path, PurePosixPath

from image import Image

START = 1 << 20
SIZE = 64 << 20


class Card:
    """The stand-in for the firmware takes its files from elsewhere; this is what the Pi's kernel sees."""

    def __init__(self, image: Path, files: dict[str, bytes]) -> None:
        self.image = image
        self.folders: set[PurePosixPath] = set()
        image.write_bytes(b"")
        os.truncate(image, SIZE)
        self._run("mformat", "-T", str((SIZE - START) // 512), "-F", "::")
        with image.open("r+b") as file:  # one partition, of a type that says FAT32
            file.seek(446)
            entry = struct.pack("<B3sB3sII", 0, b"", 0x0C, b"", START // 512, (SIZE - START) // 512)
            file.write(entry + bytes(48) + b"\x55\xaa")
        for name, content in files.items():
            self.put(name, content)

    def _run(self, program: str, *words: str) -> str:
        return Image.run(program, "-i", f"{self.image}@@{START}", *words)

    def put(self, name: str, content: bytes) -> None:
        for folder in reversed(PurePosixPath(name).parents[:-1]):
            if folder not in self.folders:
                self._run("mmd", f"::{folder}")
                self.folders.add(folder)
        source = self.image.with_suffix(".file")
        source.write_bytes(content)
        self._run("mcopy", "-o", str(source), f"::{name}")
        source.unlink()

    def names(self) -> list[str]:
        """In its root."""
        return [line.removeprefix("::/") for line in self._run("mdir", "-b", "::").splitlines()]

    def read(self, name: str) -> str:
        return self._run("mtype", f"::{name}")

    def take(self, name: str, to: Path) -> bytes:
        self._run("mcopy", "-n", "-o", f"::{name}", str(to))
        return to.read_bytes()

    def rename(self, name: str, to: str) -> None:
        self._run("mren", f"::{name}", f"::{to}")

    def check_clean(self) -> None:
        partition = self.image.with_suffix(".partition")
        partition.write_bytes(self.image.read_bytes()[START:])
        Image.run("fsck.vfat", "-n", str(partition))
        partition.unlink()
