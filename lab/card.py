"""The image of an SD card: its first partition, which is FAT, as the firmware reads it and recovery.bin writes it."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.processes import tool

SECTOR = 512
FIRST_ENTRY = 446  # of the MBR's table


class CardImage:
    """A source of files for the stand-in for the firmware (lab/firmware.py), too."""

    def __init__(self, image: Path) -> None:
        self.image = image
        with image.open("rb") as file:
            entry = file.read(SECTOR)[FIRST_ENTRY:][:16]
        first, count = struct.unpack_from("<II", entry, 8) if len(entry) == 16 else (0, 0)
        if not count:
            raise LabError(f"{image} has no first partition")
        self.start, self.size = first * SECTOR, count * SECTOR

    def run(self, program: str, *words: str) -> bytes | None:
        """mtools on the partition; None where it says that there is no such thing."""
        command = [tool(program), "-i", f"{self.image}@@{self.start}", *words]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    def must(self, program: str, *words: str) -> bytes:
        done = self.run(program, *words)
        if done is None:
            raise LabError(f"{program} {' '.join(words)}: not possible in {self.image}")
        return done

    def get(self, path: str) -> tuple[bytes, int] | None:
        """Content, and packets: none are sent."""
        content = self.run("mtype", f"::{path}")
        return None if content is None else (content, 0)

    def names(self) -> list[str]:
        """In its root; folders end in a slash."""
        return [line.removeprefix("::/") for line in self.must("mdir", "-b", "::").decode().splitlines()]

    def rename(self, name: str, to: str) -> None:
        self.must("mren", f"::{name}", f"::{to}")
