"""./bootwire sdcard: the image of a card, and writing it to one."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tools.card import burn, content, device, eeprom, image, readme, settings
from tools.card.errors import CardError
from tools.card.options import add_sources, say, sources

MADE = {False: "sdcard.img", True: "bootcode.img"}


def files(given: content.Sources, said: settings.Settings, bootloaders: Path | None = None) -> image.Files:
    found = content.collect(given)
    found["README.txt"] = readme.card(found)
    found["bootwire.txt"] = readme.dos(settings.into_bootwire_txt(said))
    if bootloaders:
        found.update(eeprom.files(bootloaders))
    return found


def bootcode_files(given: content.Sources) -> image.Files:
    """For a Pi 3B, which goes on over the network when the card has nothing else to start."""
    found = content.collect(given, content.BOOTCODE)
    found["README.txt"] = readme.bootcode()
    return found


def _burn(made: Path, disk: Path, yes: bool) -> int:
    """As root where this user may not write to the disk; nothing else runs as root."""
    words = [str(made.resolve()), str(disk), *["--yes"] * yes]
    if device.may_write(disk):
        return burn.main(words)
    say(f"writing to {disk} needs root: sudo asks for your password")
    command = ["sudo", "env", f"PYTHONPATH={content.ROOT}", "PYTHONDONTWRITEBYTECODE=1",
               "/usr/bin/python3", "-P", "-m", "tools.card.burn", *words]
    try:
        return subprocess.run(command).returncode
    except FileNotFoundError:
        raise CardError(f"this user may not write to {disk} and there is no sudo; as root: {' '.join(command[1:])}"
                        ) from None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire sdcard", allow_abbrev=False)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--device", type=Path, metavar="DISK")
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--bootcode", action="store_true")
    parser.add_argument("--eeprom", type=Path, metavar="DIR")
    add_sources(parser)
    given = parser.parse_args(arguments)
    said = settings.parse(given.settings)
    if given.bootcode and said:
        parser.error("a card with bootcode.bin alone has no settings; the TFTP server's files have: ./bootwire tftp")
    if given.bootcode and given.eeprom:
        parser.error("a Pi 3B, for which --bootcode is, has no EEPROM")
    if given.eeprom:
        eeprom.files(given.eeprom)
    if given.device:  # what is wrong with it a person hears before a build
        device.examine(given.device, 0)
        if not given.yes and not sys.stdin.isatty():
            raise CardError("nobody is there to say yes: --yes writes without asking")
    out = given.out or content.ROOT / "out" / MADE[given.bootcode]
    found = bootcode_files(sources(given)) if given.bootcode else files(sources(given), said, given.eeprom)
    secret = settings.has_secret(said)
    size = image.write(found, out, private=secret)
    say(f"{out}: {size >> 20} MiB, {len(found)} files" + ("; only you may read it, it has a secret" if secret else ""))
    return _burn(out, given.device, given.yes) if given.device else 0
