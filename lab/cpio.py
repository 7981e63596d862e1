"""The archive that a kernel takes for its initramfs."""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator

FOLDER, PROGRAM, FILE, LINK = 0o040755, 0o100755, 0o100644, 0o120777

Entry = tuple[str, int, bytes]  # name, mode, content (of a link: where it leads)


def archive(entries: Iterable[Entry]) -> bytes:
    """A cpio archive as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    packed = bytearray()
    for name, mode, content in [*entries, ("TRAILER!!!", 0, b"")]:
        fields = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        packed += b"070701" + b"".join(b"%08X" % value for value in fields) + name.encode() + b"\0"
        packed += b"\0" * (-len(packed) % 4) + content
        packed += b"\0" * (-len(packed) % 4)
    return bytes(packed)


def of_tar(tar: tarfile.TarFile, wanted: Callable[[str], bool]) -> Iterator[Entry]:
    """Folders, files and links of a tar whose path ("usr/bin/kmod") is wanted; a hard link is a copy."""
    for member in tar:
        name = member.name.removeprefix("./").rstrip("/")
        if name in ("", ".") or not wanted(name):
            continue
        if member.isdir():
            yield name, stat.S_IFDIR | member.mode, b""
        elif member.issym():
            yield name, LINK, member.linkname.encode()
        elif member.isreg() or member.islnk():
            content = tar.extractfile(member)
            assert content
            yield name, stat.S_IFREG | member.mode, content.read()
