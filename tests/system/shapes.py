"""Disks of other shapes than the lab's recipes have, put together from the pieces of a tiny one."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab.disks.recipes import MBR_ID
from lab.processes import tool

MIB = 2**20
FIRST = 4 * MIB


def run(*words: str | Path, stdin: bytes = b"") -> str:
    done = subprocess.run([tool(str(words[0])), *map(str, words[1:])], input=stdin, capture_output=True)
    assert done.returncode == 0, f"{words}: {done.stdout.decode()}{done.stderr.decode()}"
    return done.stdout.decode(errors="replace")


def piece(image: Path, number: int) -> bytes:
    """What a partition holds."""
    table = json.loads(run("sfdisk", "-J", image))["partitiontable"]["partitions"]
    part = table[number - 1]
    with image.open("rb") as file:
        file.seek(part["start"] * 512)
        return file.read(part["size"] * 512)


@dataclass
class Shape:
    """Partitions in their order, each from the bytes of another one or a folder of files."""

    directory: Path
    parts: list[tuple[str, Path]] = field(default_factory=list)  # MBR type, content

    def add(self, kind: str, content: bytes) -> Path:
        file = self.directory / f"part{len(self.parts) + 1}"
        file.write_bytes(content)
        self.parts.append((kind, file))
        return file

    def fat(self, files: dict[str, str | bytes], megabytes: int = 2) -> None:
        """A FAT partition with these files."""
        file = self.add("c", bytes(megabytes * MIB))
        run("mkfs.vfat", "-n", "bootfs", file)
        for folder in sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}):
            run("mmd", "-i", file, f"::{folder}")
        for name, text in files.items():
            source = self.directory / "file"
            source.write_bytes(text.encode() if isinstance(text, str) else text)
            run("mcopy", "-i", file, source, f"::{name}")

    def ext4(self, files: dict[str, str], megabytes: int = 4) -> None:
        """An ext4 with these files."""
        tree = self.directory / f"tree{len(self.parts)}"
        for name, text in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        file = self.add("83", bytes(megabytes * MIB))
        run("mke2fs", "-q", "-t", "ext4", "-d", tree, file)

    def write(self, image: Path) -> Path:
        """The disk, under an MBR with the lab's identity."""
        lines, start = ["label: dos", f"label-id: 0x{MBR_ID}"], FIRST
        places = []
        for kind, file in self.parts:
            size = file.stat().st_size
            lines.append(f"start={start // 512}, size={size // 512}, type={kind}")
            places.append(start)
            start += size
        with image.open("wb") as disk:
            disk.truncate(start)
        run("sfdisk", "-q", image, stdin="\n".join([*lines, ""]).encode())
        with image.open("r+b") as disk:
            for (_, file), place in zip(self.parts, places):
                disk.seek(place)
                disk.write(file.read_bytes())
        return image


def partuuid(number: int) -> str:
    return f"PARTUUID={MBR_ID}-{number:02}"
