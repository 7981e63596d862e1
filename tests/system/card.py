"""An SD card as its FAT partition has it."""

from __future__ import annotations

import os
import struct
from pathlib import Path, PurePosixPath

from image import Image

from lab.card import CardImage

START = 1 << 20
SIZE = 64 << 20


class Card(CardImage):
    """Card(image) is one that is there; Card.blank(image) is made anew, and has no files."""

    def __init__(self, image: Path) -> None:
        super().__init__(image)
        self.folders: set[PurePosixPath] = set()

    @classmethod
    def blank(cls, image: Path) -> Card:
        image.write_bytes(b"")
        os.truncate(image, SIZE)
        Image.run("mformat", "-i", f"{image}@@{START}", "-T", str((SIZE - START) // 512), "-F", "::")
        with image.open("r+b") as file:  # one partition, of a type that says FAT32
            file.seek(446)
            entry = struct.pack("<B3sB3sII", 0, b"", 0x0C, b"", START // 512, (SIZE - START) // 512)
            file.write(entry + bytes(48) + b"\x55\xaa")
        return cls(image)

    def put(self, name: str, content: bytes) -> None:
        for folder in reversed(PurePosixPath(name).parents[:-1]):
            if folder not in self.folders:
                self.must("mmd", f"::{folder}")
                self.folders.add(folder)
        source = self.image.with_suffix(".file")
        source.write_bytes(content)
        self.must("mcopy", "-o", str(source), f"::{name}")
        source.unlink()

    def take(self, name: str) -> bytes:
        return self.must("mtype", f"::{name}")

    def read(self, name: str) -> str:
        return self.take(name).decode()

    def check_clean(self) -> None:
        partition = self.image.with_suffix(".partition")
        with self.image.open("rb") as file:
            file.seek(self.start)
            partition.write_bytes(file.read(self.size))
        Image.run("fsck.vfat", "-n", str(partition))
        partition.unlink()
