"""./bootwire sdcard: the image of a card, and writing it to one."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tools.card import ask, burn, content, device, eeprom, image, parts, readme, settings
from tools.card.errors import CardError
from tools.card.options import Parser, add_sources, say, sources

MADE = {False: "sdcard.img", True: "bootcode.img"}
SOURCES = f"licences/{parts.SOURCES}"


def files(given: content.Sources, said: settings.Settings, bootloaders: image.Files | None = None) -> image.Files:
    """bootloaders: of tools/card/eeprom.py."""
    found = content.collect(given)
    if bootloaders:
        found.update(bootloaders)
        found[SOURCES] = image.read(found[SOURCES]) + eeprom.sources_text(bootloaders).encode()
    found["README.txt"] = readme.card(found)
    found["bootwire.txt"] = readme.dos(settings.into_bootwire_txt(said))
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


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser("sdcard")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--device", type=Path, metavar="DISK")
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--bootcode", action="store_true")
    parser.add_argument("--eeprom", metavar="download|DIR|none")
    add_sources(parser)
    given = parser.parse_args(arguments)
    if given.bootcode and given.settings:
        parser.error("a card with bootcode.bin alone has no settings; the TFTP server's files have: ./bootwire tftp")
    if given.bootcode and given.eeprom not in (None, eeprom.NONE):
        parser.error("a Pi 3B, for which --bootcode is, has no EEPROM")
    return given


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    said = settings.parse(given.settings)
    # What is wrong, and what is asked, a person hears before a build.
    if given.device:
        device.examine(given.device, 0)
        if not given.yes and not sys.stdin.isatty():
            raise CardError("nobody is there to say yes: --yes writes without asking")
    if given.bootcode:
        found = bootcode_files(sources(given))
    else:
        bootloaders = eeprom.choose(given.eeprom, not given.yes and ask.somebody_is_there())
        found = files(sources(given), said, bootloaders)
    out = given.out or content.ROOT / "out" / MADE[given.bootcode]
    secret = settings.has_secret(said)
    size = image.write(found, out, private=secret)
    say(f"{out}: {size >> 20} MiB, {len(found)} files" + ("; only you may read it, it has a secret" if secret else ""))
    return _burn(out, given.device, given.yes) if given.device else 0
