"""What the commands have in common: where their files come from."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tools.card.content import ROOT, Sources
from tools.card.errors import CardError

FIRMWARE = ("forky/non-free-firmware", "all", "raspi-firmware")  # in kernel/inputs.lock


def say(text: str) -> None:
    print(f"bootwire: {text}", file=sys.stderr)


class Parser(argparse.ArgumentParser):
    """What is wrong in one line, as everywhere; the scripts beside this folder have the help."""

    def __init__(self, verb: str) -> None:
        super().__init__(prog=f"./bootwire {verb}", allow_abbrev=False, add_help=False)

    def error(self, message: str) -> NoReturn:
        print(f"bootwire: {message} ({self.prog} --help)", file=sys.stderr)
        sys.exit(2)


class _Refused(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace,
                 values: str | Sequence[Any] | None, option_string: str | None = None) -> None:
        parser.error(str(self.const))


def refuse_otp(parser: argparse.ArgumentParser, why: str) -> None:
    parser.add_argument("--otp", nargs="?", action=_Refused, const=f"{why}: --otp is ./bootwire sdcard's alone")


def add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--build", type=Path, metavar="DIR")
    parser.add_argument("--firmware", type=Path, metavar="DIR")
    parser.add_argument("--notices", type=Path, metavar="DIR")


def cache() -> Path:
    return Path(os.environ["BOOTWIRE_CACHE"])  # by tools/common.sh


def _fetch_firmware() -> Path:
    """The package that is locked, unpacked once; a folder for each version."""
    done = subprocess.run([ROOT / "tools" / "debian.sh", "fetch", *FIRMWARE], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise CardError("without Raspberry Pi's firmware there is no card and no TFTP tree; --firmware DIR takes "
                        "Debian's package raspi-firmware, unpacked")
    package = Path(done.stdout.strip())
    folder = cache() / "firmware" / package.stem
    if not folder.is_dir():
        new = folder.with_suffix(f".{os.getpid()}")
        new.mkdir(parents=True)
        try:
            subprocess.run(["dpkg-deb", "-x", package, new], check=True)
            new.rename(folder)
        except (subprocess.CalledProcessError, OSError):
            if not folder.is_dir():
                raise CardError(f"cannot unpack {package} into {folder}: is the disk full?") from None
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return folder


def _release() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    return "debian"


def sources(given: argparse.Namespace) -> Sources:
    """What was named, else what is built and fetched now."""
    build, notices = given.build, given.notices
    if build is None:
        build = ROOT / "out"
        if subprocess.run([ROOT / "tools" / "build.sh", "--modules=kept"]).returncode != 0:
            raise CardError("there is nothing to put on a card before ./bootwire build works")
        notices = notices or cache() / "sysroot" / _release()
    return Sources(build, given.firmware or _fetch_firmware(), notices)
