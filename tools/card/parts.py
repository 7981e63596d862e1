"""Whose the parts are: licences, versions, and where their source is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.card.errors import CardError

ROOT = Path(__file__).resolve().parents[2]
COMMON = Path("/usr/share/common-licenses")  # base-files, which every Debian has


@dataclass(frozen=True)
class Part:
    title: str
    licence: str
    texts: tuple[str, ...]  # of COMMON, the whole of the licence
    package: str  # in kernel/inputs.lock, "" where the source is this project
    source: str


PARTS = {
    "bootwire": Part(
        "bootwire: its programs in Image.gz, overlays, config.txt, cmdline.txt", "Apache-2.0", ("Apache-2.0",), "",
        "this project; its patches of Linux and its device trees are under Linux's licence"),
    "linux": Part(
        "Linux: the kernel in Image.gz, its modules, the device trees", "GPL-2.0 with the syscall note",
        ("GPL-2",), "linux-source-7.3", "Debian's package of that name and version, and kernel/ of this project"),
    "firmware": Part(
        "Raspberry Pi's firmware: bootcode.bin, start*.elf, fixup*.dat",
        "proprietary; may be passed on unchanged, for use on a Raspberry Pi (raspi-firmware.txt)", (),
        "raspi-firmware", "Debian's package of that name and version; there is no source"),
}


@dataclass(frozen=True)
class Library:
    """What is linked into bootwire's programs. docs: folders of usr/share/doc that tell."""

    title: str
    licence: str
    package: str
    docs: tuple[str, ...]
    texts: tuple[str, ...] = ()


LIBRARIES = (
    Library("GNU C library", "LGPL-2.1 or later", "glibc",
            ("libc6-dev-arm64-cross", "libc6-dev"), ("LGPL-2.1",)),
    Library("GCC's runtime libraries", "GPL-3.0 or later with the GCC runtime exception", "gcc",
            ("gcc-14-cross-base", "gcc-12-cross-base", "gcc-14-base", "gcc-12-base"), ("GPL-3",)),
    Library("nettle", "LGPL-3.0 or later, or GPL-2.0 or later", "nettle-dev", ("nettle-dev",), ("LGPL-3", "GPL-3")),
    Library("zlib", "zlib licence", "zlib1g-dev", ("zlib1g-dev",)),
    Library("Zstandard", "BSD-3-Clause or GPL-2.0", "libzstd-dev", ("libzstd-dev",)),
    Library("libfdt", "BSD-2-Clause or GPL-2.0 or later", "libfdt-dev", ("libfdt-dev", "libfdt1")),
)

SOURCES = "SOURCES.txt"


def version(package: str, unpacked: Path | None) -> str:
    """What was used. unpacked: a folder named as its .deb (of the archive it may be a newer version than
    kernel/inputs.lock names) or as the release (bookworm) whose packages it holds; else all that are locked."""
    if unpacked and unpacked.name.startswith(f"{package}_"):
        return f"{package} {unpacked.name.split('_')[1]}"
    found = []
    for line in (ROOT / "kernel" / "inputs.lock").read_text().splitlines():
        words = line.split()
        if len(words) == 5 and words[2] == package:
            found.append((words[0], f"{package} {words[3]} ({words[0]})"))
    used = [text for suite, text in found if unpacked and suite == unpacked.name]
    return ", ".join(used or [text for _, text in found])


def _text(name: str) -> bytes:
    path = COMMON / name
    if not path.is_file():
        raise CardError(f"the text of the licence {name} is missing: {path} (Debian's package base-files)")
    return path.read_bytes()


def _notice(library: Library, notices: Path) -> bytes:
    for folder in (notices, Path("/")):
        for name in library.docs:
            path = folder / "usr" / "share" / "doc" / name / "copyright"
            if path.is_file():
                return path.read_bytes()
    raise CardError(f"the copyright notice of {library.title} is missing below {notices}: ./bootwire build fetches it")


def sources_text(parts: list[str], firmware: Path, notices: Path | None) -> str:
    """The list of every part: whose it is, under which licence, and where its source is."""
    lines = ["What this is made of", ""]
    for name in parts:
        part = PARTS[name]
        lines += [part.title, f"    licence: {part.licence}", f"    source:  {part.source}"]
        if part.package:
            lines.append(f"    version: {version(part.package, firmware)}")
        lines.append("")
    if "bootwire" in parts:
        lines += ["Linked into bootwire's programs, from Debian's packages of the release it was built on", ""]
        for library in LIBRARIES:
            lines += [library.title, f"    licence: {library.licence}"]
            if version(library.package, notices):
                lines.append(f"    version: {version(library.package, notices)}")
            lines.append("")
    return "\n".join(lines)


def licence_files(parts: list[str], firmware: Path, notices: Path | None) -> dict[str, bytes]:
    """The folder licences/: texts, notices and SOURCES.txt. notices=None: without the libraries' notices."""
    texts = [text for name in parts for text in PARTS[name].texts]
    files: dict[str, bytes] = {}
    if "bootwire" in parts:
        texts += [text for library in LIBRARIES for text in library.texts]
        for library in LIBRARIES if notices else ():
            assert notices is not None
            files[f"{library.package.removesuffix('-dev')}.txt"] = _notice(library, notices)
    if "firmware" in parts:
        told = firmware / "usr" / "share" / "doc" / "raspi-firmware" / "copyright"
        if not told.is_file():
            raise CardError(f"{told} is missing, without which the firmware may not be passed on")
        files["raspi-firmware.txt"] = told.read_bytes()
    for text in texts:
        files[f"{text}.txt"] = _text(text)
    files[SOURCES] = sources_text(parts, firmware, notices).encode()
    return dict(sorted(files.items()))
