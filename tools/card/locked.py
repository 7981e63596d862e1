"""The bootloaders that are locked: which they are, from the cache or from Raspberry Pi's repository."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.card import download
from tools.card.content import ROOT
from tools.card.errors import CardError
from tools.card.progress import Bar

LOCK = ROOT / "tools" / "card" / "eeprom.lock"
MIRROR = "BOOTWIRE_EEPROM_MIRROR"
FILE = re.compile(r"file ((?:[\w-]+/)*[\w-][\w.-]*) (\d+) ([0-9a-f]{64})")
INSTEAD = "--eeprom DIR takes them from a copy of the repository, --eeprom none makes the card without them"


@dataclass(frozen=True)
class File:
    path: str  # in the repository
    size: int
    sha256: str


@dataclass(frozen=True)
class Release:
    repository: str
    commit: str
    files: tuple[File, ...]

    @property
    def address(self) -> str:
        """Of the repository, or of what stands in for it."""
        mirror = os.environ.get(MIRROR)
        return download.check_address(mirror, MIRROR) if mirror else self.repository

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def wanted(self, file: File) -> download.Wanted:
        return download.Wanted(f"{self.address}/{self.commit}/{file.path}", file.size, file.sha256)


def parse(text: str) -> Release:
    told: dict[str, str] = {}
    files = []
    for line in text.splitlines():
        if match := FILE.fullmatch(line):
            files.append(File(match[1], int(match[2]), match[3]))
        elif line and not line.startswith("#"):
            name, _, value = line.partition(" ")
            told[name] = value
    if set(told) != {"repository", "commit"} or not re.fullmatch("[0-9a-f]{40}", told["commit"]) or not files:
        raise CardError("the lock of the bootloaders cannot be read: it wants a repository, a commit and files")
    return Release(download.check_address(told["repository"], "the lock's repository"), told["commit"], tuple(files))


def release() -> Release:
    return parse(LOCK.read_text())


def _folder(cache: Path, of: Release) -> Path:
    return cache / "eeprom" / of.commit


def _kept(folder: Path, of: Release, file: File) -> bytes | None:
    """From the cache, compared once more: who knows what was done to it since."""
    try:
        with (folder / file.path).open("rb") as kept:
            content = kept.read(file.size + 1)
    except OSError:
        return None
    return content if download.matches(content, of.wanted(file)) else None


def is_kept(cache: Path, of: Release) -> bool:
    return all(_kept(_folder(cache, of), of, file) is not None for file in of.files)


@contextlib.contextmanager
def _alone(cache: Path, folder: Path) -> Iterator[None]:
    """In the cache, which is made where it is missing, and refused where it is somebody else's folder. Another
    run that downloads the same is waited for."""
    made = subprocess.run(["/bin/sh", "-c", '. "$0" && make_cache', ROOT / "tools" / "common.sh"], text=True,
                          stderr=subprocess.PIPE, env={**os.environ, "BOOTWIRE_CACHE": str(cache)})
    if made.returncode != 0:
        raise CardError(made.stderr.strip().removeprefix("bootwire: "))
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _fetch_missing(folder: Path, of: Release) -> None:
    missing = [file for file in of.files if _kept(folder, of, file) is None]
    if not missing:
        return
    had = sum(min(download.length(download.part_of(folder / file.path)), file.size) for file in missing)
    done = 0
    with Bar("downloading", sum(file.size for file in missing), sys.stderr, had) as bar:
        for file in missing:
            download.fetch(of.wanted(file), folder / file.path, lambda now: bar(done + now))
            done += file.size


def contents(cache: Path, of: Release) -> dict[str, bytes]:
    """Path in the repository → bytes, all of them compared with the lock."""
    folder = _folder(cache, of)
    with _alone(cache, folder):
        try:
            _fetch_missing(folder, of)
        except CardError as error:
            raise CardError(f"{error}; {INSTEAD}") from None
        found = {file.path: _kept(folder, of, file) for file in of.files}
    bad = [path for path, content in found.items() if content is None]
    if bad:
        raise CardError(f"{folder / bad[0]} is not what was written there: is the disk sound?")
    return {path: content for path, content in found.items() if content is not None}
