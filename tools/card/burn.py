"""Writing an image to a card, and comparing what the card gives back.

    python3 -m tools.card.burn IMAGE DEVICE [--yes]
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from tools.card import device
from tools.card.errors import CardError
from tools.card.progress import Bar, Progress

CHUNK = 4 << 20
BLKFLSBUF = 0x1261  # include/uapi/linux/fs.h
BLKRRPART = 0x125F


def _ask_kernel(fd: int, request: int) -> None:
    """A file that stands in for a disk knows no such request; a disk may be busy with it."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(fd, request)


def write(image: Path, disk: Path, progress: Progress) -> None:
    done = 0
    try:
        # Of a disk, O_EXCL fails while anything of this machine uses it.
        fd = os.open(disk, os.O_WRONLY | os.O_EXCL | os.O_CLOEXEC)
    except OSError as error:
        raise CardError(f"{disk} cannot be written to: {error.strerror}") from None
    try:
        with image.open("rb") as source:
            while block := source.read(CHUNK):
                view = memoryview(block)
                while view:
                    view = view[os.write(fd, view) :]
                done += len(block)
                # Each piece on the card before the next, or the bar would tell of this machine's memory.
                os.fdatasync(fd)
                progress(done)
        os.fsync(fd)
        _ask_kernel(fd, BLKFLSBUF)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise CardError(f"{disk} failed after {done} bytes: {error.strerror}; is the card sound?") from None
    finally:
        os.close(fd)


def compare(image: Path, disk: Path, progress: Progress) -> None:
    done = 0
    try:
        with image.open("rb") as source, disk.open("rb", buffering=0) as card:
            while block := source.read(CHUNK):
                told = b""
                while len(told) < len(block):
                    more = card.read(len(block) - len(told))
                    if not more:
                        raise CardError(f"{disk} ends after {done + len(told)} bytes: it is smaller than it says")
                    told += more
                if told != block:
                    first = next(at for at, (one, other) in enumerate(zip(block, told)) if one != other)
                    raise CardError(f"{disk} gives other bytes back than were written, from byte {done + first} on: "
                                    f"the card or its reader is broken; take another one")
                done += len(block)
                progress(done)
            _ask_kernel(card.fileno(), BLKRRPART)
    except OSError as error:
        raise CardError(f"{disk} cannot be read back: {error.strerror}; is the card sound?") from None


def consent(disk: device.Disk, answer: Callable[[], str], out: TextIO) -> None:
    """The name of the disk has to be typed: a y is typed too fast."""
    out.write(f"{disk}\nAll that is on it will be lost. To go on, type its name, {disk.path.name}: ")
    out.flush()
    if answer().strip() not in (disk.path.name, str(disk.path)):
        raise CardError("nothing was written")


def burn(image: Path, path: Path, answer: Callable[[], str] | None, out: TextIO,
         machine: device.Machine = device.Machine()) -> device.Disk:
    """answer: what is typed; None asks nothing."""
    size = image.stat().st_size
    disk = device.examine(path, size, machine)
    if answer:
        consent(disk, answer, out)
        disk = device.examine(path, size, machine)  # meanwhile it may have been mounted, or be another one
    with Bar("writing", size, out) as bar:
        write(image, disk.path, bar)
    with Bar("comparing", size, out) as bar:
        compare(image, disk.path, bar)
    out.write(f"bootwire: {disk.path} is written and was read back as it should be; take it out\n")
    return disk


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire sdcard --device")
    parser.add_argument("image", type=Path)
    parser.add_argument("device", type=Path)
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--check", action="store_true", help="only whether it may be written to")
    given = parser.parse_args(arguments)
    if given.check:
        device.examine(given.device, 0)
        return 0
    if not given.yes and not sys.stdin.isatty():
        raise CardError("nobody is there to say yes: --yes writes without asking")
    burn(given.image, given.device, None if given.yes else sys.stdin.readline, sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CardError as error:
        print(f"bootwire: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nbootwire: interrupted: what was being written is not whole", file=sys.stderr)
        sys.exit(130)
