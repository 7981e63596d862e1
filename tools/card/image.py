"""A card as a file: MBR, one FAT32 partition, the same bytes each time; without root, nothing mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.card.errors import CardError

MIB = 1 << 20
SECTOR = 512
FIRST = 4 * MIB  # of the partition: aligned as cards like it, and as Raspberry Pi OS has it
SMALLEST = 64 * MIB  # FAT32 wants 65,525 clusters, and a Raspberry Pi likes one sector in each
ROOM = 12 * MIB  # for what a person, an update of the EEPROM or bootwire itself puts there
LABEL = "BOOTWIRE"
DISK_ID = "0xb0071e55"
FAT32_LBA = "c"
# FAT has times, and nothing here depends on when it was built: 2026-01-01.
EPOCH = 1767225600

Files = dict[str, "bytes | Path"]


def _run(words: list[str | Path], text: str | None = None) -> None:
    environment = {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                   "SOURCE_DATE_EPOCH": str(EPOCH), "MTOOLSRC": "/dev/null"}
    try:
        done = subprocess.run([str(word) for word in words], input=text, text=True, capture_output=True,
                              env=environment)
    except FileNotFoundError:
        raise CardError(f"no {words[0]} on this machine: ./bootwire setup") from None
    if done.returncode != 0:
        raise CardError(f"{words[0]}: {(done.stderr or done.stdout).strip()}")


def read(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _weight(content: bytes | Path) -> int:
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    return -(-size // SECTOR) * SECTOR


def size_for(files: Files) -> int:
    """Bytes of an image that has room for them: a power of two, which QEMU's SD card asks for as well."""
    needed = FIRST + sum(_weight(content) for content in files.values()) + ROOM
    size = SMALLEST
    # The two FATs take four bytes each a cluster.
    while needed + 8 * (size // SECTOR) > size:
        size *= 2
    return size


def _stage(files: Files, folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            shutil.copyfile(content, path)
        os.utime(path, (EPOCH, EPOCH))


def _fill(partition: Path, files: Files, staged: Path) -> None:
    """In the order of names, not of the folder that they lie in: places on the card follow it."""
    folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."})
    for folder in folders:
        _run(["mmd", "-i", partition, f"::{folder}"])
    for folder in [".", *folders]:
        inside = [staged / name for name in sorted(files) if str(Path(name).parent) == folder]
        if inside:
            _run(["mcopy", "-m", "-i", partition, *inside, "::" if folder == "." else f"::{folder}/"])


def _copy_without_holes(partition: Path, image: Path) -> None:
    """Nearly all of it is empty, and need not even be read."""
    with partition.open("rb") as source, image.open("r+b") as target:
        end = 0
        while True:
            try:
                start = os.lseek(source.fileno(), end, os.SEEK_DATA)
            except OSError:  # only holes are left
                return
            end = os.lseek(source.fileno(), start, os.SEEK_HOLE)
            source.seek(start)
            target.seek(FIRST + start)
            for at in range(start, end, MIB):
                target.write(source.read(min(MIB, end - at)))


def write(files: Files, out: Path, private: bool = False) -> int:
    """Makes the image out, whole or not at all, and returns its size. private: nobody else may read it."""
    size = size_for(files)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".card-", dir=out.parent) as scratch:
        staged, partition, image = (Path(scratch) / name for name in ("files", "partition", "image"))
        staged.mkdir()
        _stage(files, staged)
        partition.touch()
        os.truncate(partition, size - FIRST)
        _run(["mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-S", str(SECTOR), "-h", str(FIRST // SECTOR),
              "-n", LABEL, partition])
        _fill(partition, files, staged)
        image.touch()
        os.truncate(image, size)
        _run(["sfdisk", "-q", "--no-reread", "--no-tell-kernel", image],
             f"label: dos\nlabel-id: {DISK_ID}\nstart={FIRST // SECTOR}, type={FAT32_LBA}, bootable\n")
        _copy_without_holes(partition, image)
        os.chmod(image, 0o600 if private else 0o666 & ~_umask())
        os.replace(image, out)
    return size


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
