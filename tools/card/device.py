"""Whether a disk is a card that may be overwritten, as /sys and /proc tell."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.card.errors import CardError

LARGEST = 256 * 10**9  # of a card; what is larger is more likely somebody's backup disk
SECTOR = 512  # /sys counts in these, whatever the disk's own are


def _is_block(path: Path) -> bool:
    return stat.S_ISBLK(path.stat().st_mode)


@dataclass(frozen=True)
class Machine:
    """Where to look; another one in tests."""

    sys: Path = Path("/sys")
    mounts: Path = Path("/proc/self/mountinfo")
    swaps: Path = Path("/proc/swaps")
    is_block: Callable[[Path], bool] = _is_block


@dataclass(frozen=True)
class Disk:
    path: Path
    size: int  # bytes
    name: str  # the maker's
    partitions: list[str]

    def __str__(self) -> str:
        parts = f", with the partitions {', '.join(self.partitions)}" if self.partitions else ""
        return f"{self.path}: {self.name}, {gigabytes(self.size)}{parts}"


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"


def _word(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _maker(folder: Path) -> str:
    device = folder / "device"
    words = [_word(device / name) for name in ("vendor", "model", "name")]
    return " ".join(word for word in words if word) or "no name"


def _is_card(folder: Path) -> bool:
    """An SD card in a slot, or what hangs on USB or says of itself that it can be taken out."""
    if folder.name.startswith("mmcblk"):
        return _word(folder / "device" / "type") == "SD"
    if not folder.name.startswith("sd"):
        return False
    return _word(folder / "removable") == "1" or "/usb" in str(folder.resolve())


def _partitions(folder: Path) -> list[Path]:
    return sorted(entry.parent for entry in folder.glob(f"{folder.name}*/partition"))


def _mounted(folder: Path, machine: Machine) -> str:
    """Where, "" if nowhere. By number and by name: some file systems tell no number of their disk."""
    number = _word(folder / "dev")
    for line in machine.mounts.read_text().splitlines():
        fields = line.split()
        source = fields[fields.index("-") + 2] if "-" in fields[:-2] else ""
        if (number and fields[2] == number) or source == f"/dev/{folder.name}":
            return fields[4].replace("\\040", " ")
    return ""


def _in_use(folder: Path, machine: Machine) -> str:
    where = _mounted(folder, machine)
    if where:
        return f"{folder.name} is mounted at {where}: take it out of use first (umount {where})"
    if any(line.split()[0] == f"/dev/{folder.name}" for line in machine.swaps.read_text().splitlines() if line):
        return f"{folder.name} is swap space of this machine"
    holders = sorted(entry.name for entry in folder.glob("holders/*"))
    if holders:
        return f"{folder.name} is a part of {', '.join(holders)} (LVM, RAID or encryption) of this machine"
    return ""


def examine(path: Path, image_size: int, machine: Machine = Machine()) -> Disk:
    """The disk, if it may be written to; an error that says why not."""
    try:
        path = path.resolve(strict=True)
        is_block = machine.is_block(path)
    except OSError as error:
        raise CardError(f"there is no {path}: {error.strerror}; lsblk lists the disks that there are") from None
    if not is_block:
        raise CardError(f"{path} is no disk: name one as /dev/sdb (lsblk lists them); --out FILE writes a file")
    folder = machine.sys / "class" / "block" / path.name
    if (folder / "partition").exists():
        raise CardError(f"{path} is a partition: name the whole disk, {path.parent / folder.resolve().parent.name}")
    if not _is_card(folder):
        raise CardError(f"{path} ({_maker(folder)}) is no card and no USB disk: it is not written to")
    size = int(_word(folder / "size") or "0") * SECTOR
    if size == 0:
        raise CardError(f"{path} has no card in it")
    if size > LARGEST:
        raise CardError(f"{path} has {gigabytes(size)}, more than {gigabytes(LARGEST)}: no card; it is not written to")
    if size < image_size:
        raise CardError(f"{path} has {gigabytes(size)}, the image needs {gigabytes(image_size)}")
    if _word(folder / "ro") == "1":
        raise CardError(f"{path} is write-protected: is the card's slider at LOCK?")
    partitions = _partitions(folder)
    for part in [folder, *partitions]:
        reason = _in_use(part, machine)
        if reason:
            raise CardError(f"{path} is not written to: {reason}")
    return Disk(path, size, _maker(folder), [part.name for part in partitions])


def may_write(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK)
