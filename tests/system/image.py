"""A disk as the server has it, looked at from outside."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from lab.processes import tool

SECTOR = 512


class Image:
    def __init__(self, path: Path) -> None:
        self.path = path
        table = json.loads(self.run("sfdisk", "-J", str(path)))["partitiontable"]["partitions"]
        self.boot, self.root = (part["start"] * SECTOR for part in table[:2])

    @staticmethod
    def run(*words: str) -> str:
        done = subprocess.run([tool(words[0]), *words[1:]], text=True, capture_output=True, errors="replace")
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def debugfs(self, request: str, *options: str) -> str:
        return self.run("debugfs", *options, "-R", request, f"{self.path}?offset={self.root}")

    def put(self, source: Path, name: str) -> None:
        self.debugfs(f"write {source} {name}", "-w")

    def add(self, folder: str, name: str, text: str) -> None:
        """A new file in a new folder, whose parent is there."""
        source = self.path.with_suffix(".new")
        source.write_text(text)
        self.debugfs(f"mkdir {folder}", "-w")
        self.put(source, f"{folder}/{name}")
        source.unlink()

    def read(self, name: str) -> str:
        return self.debugfs(f"cat {name}").strip()

    def check_clean(self) -> None:
        """Both file systems were unmounted, and the root's is sound without replaying anything."""
        head = self.run("dumpe2fs", "-h", f"{self.path}?offset={self.root}")
        assert re.search(r"^Filesystem state: +clean$", head, re.MULTILINE), head
        assert "needs_recovery" not in head
        self.run("e2fsck", "-fn", f"{self.path}?offset={self.root}")
        with self.path.open("rb") as file:
            file.seek(self.boot + 0x41)  # FAT32: BS_Reserved1, bit 0 is set while mounted
            assert file.read(1)[0] & 1 == 0, "the boot partition was not unmounted"
