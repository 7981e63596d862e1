"""./bootwire release: what can be handed on, each variant in a folder of its own."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path

from tools.card import content, image, sdcard
from tools.card.errors import CardError
from tools.card.options import Parser, add_sources, refuse_otp, say, sources

# Variant → folder below out/ that ./bootwire build leaves it in.
VARIANTS = {"ethernet": ".", "wifi": "wifi"}
BESIDE = ("Image.gz", "modules.sqfs", "overlay.cpio")  # alone, too: who has a TFTP server needs no more for an update
SUMS = "SHA256SUMS"


def tar(files: image.Files, path: Path) -> None:
    """The same bytes from the same files: no owner, no time, in the order of names."""
    folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."})
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted([*folders, *files]):
            entry = tarfile.TarInfo(name)
            entry.mtime = image.EPOCH
            if name in files:
                data = image.read(files[name])
                entry.size, entry.mode = len(data), 0o644
                archive.addfile(entry, io.BytesIO(data))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)


def _sums(folder: Path) -> str:
    """As `sha256sum -c` reads it."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n")
    return "".join(lines)


def variant(given: content.Sources, folder: Path) -> None:
    """One variant's folder, made anew."""
    found = content.collect(given)
    image.write(sdcard.files(given, []), folder / "sdcard.img")
    tar(found, folder / "tftp.tar")
    for name, what in found.items():
        if name in BESIDE or name.startswith("licences/"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(image.read(what))
    (folder / SUMS).write_text(_sums(folder))


def release(given: content.Sources, out: Path) -> list[str]:
    """The variants that are built, into out, which is replaced as a whole."""
    new = out.with_name(f".{out.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    made = []
    try:
        for name, below in VARIANTS.items():
            build = given.build / below
            if not (build / "Image.gz").exists():
                continue
            (new / name).mkdir(parents=True)
            variant(content.Sources(build, given.firmware, given.notices), new / name)
            made.append(name)
        if not made:
            raise CardError(f"{given.build / 'Image.gz'} is missing: ./bootwire build makes it")
        if out.exists():
            if not any((out / name / SUMS).exists() for name in VARIANTS) and any(out.iterdir()):
                raise CardError(f"{out} is there, and no release: name another folder with --out")
            old = out.with_name(f".{out.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            os.rename(out, old)
            os.rename(new, out)
            shutil.rmtree(old)
        else:
            os.rename(new, out)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return made


def main(arguments: list[str]) -> int:
    parser = Parser("release")
    parser.add_argument("--out", type=Path, metavar="DIR")
    refuse_otp(parser, "a release is for people who were not asked, and what it sets can't be undone")
    add_sources(parser)
    given = parser.parse_args(arguments)
    out = given.out or content.ROOT / "out" / "release"
    where = sources(given)
    if where.notices is None:
        raise CardError("a release needs the notices of the libraries: --notices DIR, a folder with usr/share/doc")
    made = release(where, out)
    say(f"{out}: {', '.join(made)}; check a copy with: sha256sum -c {SUMS}")
    return 0
