"""Images of bootloader EEPROMs in the shapes that Raspberry Pi publishes, with nothing of theirs in them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable

CODE, FILE, PACKED, LZ4, PADDING = 0x55AAF00F, 0x55AAF11F, 0x55AAF33F, 0x55AAF44F, 0x55AAFEEF
SIZE_2711, SIZE_2712 = 512 * 1024, 2 * 1024 * 1024
PARTITION_A, PARTITION_B = 0x10000, 0x107000
BUILT = 1770000000
NEVER = bytes(4) + b"\xff" * 4
TEXT = b"[all]\nBOOT_UART=1\nPOWER_OFF_ON_HALT=0\nBOOT_ORDER=0xf461\n"


class Maker:
    """Sections one behind the other, in flash that is erased otherwise."""

    def __init__(self, size: int) -> None:
        self.image = bytearray(b"\xff" * size)
        self.at = 0

    def add(self, kind: int, content: bytes) -> Maker:
        section = struct.pack(">LL", kind, len(content)) + content
        self.image[self.at : self.at + len(section)] = section
        self.at += (len(section) + 7) & ~7
        return self

    def file(self, name: bytes, content: bytes, kind: int = FILE) -> Maker:
        return self.add(kind, name.ljust(16, b"\0") + content)

    def lz4(self, name: bytes, content: bytes) -> Maker:
        """One block that is not packed."""
        frame = b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<L", len(content) | 1 << 31) + content + bytes(4)
        return self.file(name, frame + hashlib.sha256(content).digest(), LZ4)

    def pad_to(self, offset: int) -> Maker:
        return self.add(PADDING, b"\xff" * (offset - self.at - 8))

    def code(self) -> Maker:
        words = b"BUILD_TIMESTAMP=%d\0VERSION:0123abcd\0DATE: 2026/02/02\0MFG_VER: 1\0" % BUILT
        return self.add(CODE, bytes(1000) + words + bytes(1000))

    def changeable(self, offset: int, text: bytes) -> Maker:
        """bootconf.txt at the offset; before it, empty, what a signed image has."""
        self.pad_to(offset - 0x2000).file(b"pubkey.bin", bytes(512))
        self.pad_to(offset - 0x1000).file(b"bootconf.sig", bytes(1024))
        return self.pad_to(offset).file(b"bootconf.txt", text)


def image_2711(text: bytes = TEXT, offset: int = 0x51000) -> bytes:
    return bytes(Maker(SIZE_2711).code().lz4(b"bootmain", b"main" * 99).changeable(offset, text).image)


def image_2712(text: bytes = TEXT) -> bytes:
    return bytes(Maker(SIZE_2712).code().lz4(b"bootmain", b"main" * 99).changeable(0x9F000, text).image)


def image_with_two_partitions(text: bytes = TEXT) -> bytes:
    """The layout of May 2026: 64 KiB that are only read, one partition, room for the second."""
    maker = Maker(SIZE_2712).code().file(b"updatetime", NEVER).pad_to(PARTITION_A)
    maker.file(b"bootsys", b"system" * 99).lz4(b"bootmain", b"main" * 99).file(b"updatetime", NEVER)
    maker.changeable(0xA3000, text).pad_to(PARTITION_B).pad_to(0x1FE000)
    return bytes(maker.image)


SHAPES: dict[str, Callable[..., bytes]] = {
    "2711": image_2711, "2712": image_2712, "two-partitions": image_with_two_partitions,
}
