"""modules.sqfs and Image.gz of the build that is tested: they belong together, and what has to be in the file."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import zlib
from pathlib import Path

from conftest import OUT

KERNEL = Path(__file__).resolve().parents[2] / "kernel"


def listed(name: str) -> set[str]:
    lines = (KERNEL / name).read_text().splitlines()
    return {line.replace("-", "_") for line in lines if line and not line.startswith("#")}


def initramfs() -> bytes:
    """The archive in Image.gz, which the kernel's build compresses by itself."""
    image = gzip.decompress((OUT / "Image.gz").read_bytes())
    for start in re.finditer(rb"\x1f\x8b\x08", image):
        try:
            archive = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(image[start.start():])
        except zlib.error:
            continue
        if archive.startswith(b"070701"):
            return archive
    return image


def test_the_modules_of_the_initramfs_and_those_that_tests_load_are_in_the_file():
    words: list[str | Path] = ["unsquashfs", "-l", "-d", "", OUT / "modules.sqfs"]
    files = subprocess.run(words, text=True, capture_output=True, check=True).stdout.split()
    there = {Path(file).stem.replace("-", "_") for file in files if file.endswith(".ko")}
    assert not (listed("initramfs-modules") | listed("test-modules")) - there


def test_the_image_carries_the_sum_of_the_file():
    entry = re.search(rb"070701[0-9A-Fa-f]{104}modules/sha256\0{4}([0-9a-f]{64})\n", initramfs())
    assert entry, "Image.gz carries none"
    assert entry.group(1).decode() == hashlib.sha256((OUT / "modules.sqfs").read_bytes()).hexdigest()
