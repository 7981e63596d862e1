"""./bootwire sdcard: the image of a card, and writing it to one."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tools.card import ask, burn, content, device, eeprom, image, otp, parts, readme, settings
from tools.card.errors import CardError
from tools.card.options import Parser, add_sources, say, sources

SOURCES = f"licences/{parts.SOURCES}"


def files(given: content.Sources, said: settings.Settings, bootloaders: image.Files | None = None,
          bit_of: str = "") -> image.Files:
    """bootloaders: of tools/card/eeprom.py; bit_of: a board of tools/card/otp.py."""
    found = content.collect(given)
    if bit_of:
        found["config.txt"] = otp.into_config(image.read(found["config.txt"]).decode(), bit_of).encode()
    if bootloaders:
        found.update(bootloaders)
        found[SOURCES] = image.read(found[SOURCES]) + eeprom.sources_text(bootloaders).encode()
    found["README.txt"] = readme.card(found, bool(bit_of))
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
    parser.add_argument("--otp", metavar="BOARD")
    parser.add_argument("--eeprom", metavar="download|DIR|none")
    add_sources(parser)
    given = parser.parse_args(arguments)
    if given.bootcode and given.settings:
        parser.error("a card with bootcode.bin alone has no settings; the TFTP server's files have: ./bootwire tftp")
    if given.bootcode and given.eeprom not in (None, eeprom.NONE):
        parser.error("a Pi 3B, for which --bootcode is, has no EEPROM")
    if given.bootcode and given.otp:
        parser.error("--bootcode is what makes --otp needless: say one of them")
    return given


def _name(bit_of: str, bootcode: bool) -> str:
    """A card that changes a Pi for ever is not called as the others are."""
    return "bootcode.img" if bootcode else f"sdcard-otp-{bit_of}.img" if bit_of else "sdcard.img"


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    said = settings.parse(given.settings)
    bit_of = otp.parse(given.otp) if given.otp else ""
    # What is wrong, and what is asked, a person hears before a build.
    if given.device:
        device.examine(given.device, 0)
        if not given.yes and not sys.stdin.isatty():
            raise CardError("nobody is there to say yes: --yes writes without asking")
    if bit_of:
        otp.consent(bit_of, given.yes)
    if given.bootcode:
        found = bootcode_files(sources(given))
    else:
        bootloaders = eeprom.choose(given.eeprom, not given.yes and ask.somebody_is_there())
        found = files(sources(given), said, bootloaders, bit_of)
    out = given.out or content.ROOT / "out" / _name(bit_of, given.bootcode)
    secret = settings.has_secret(said)
    size = image.write(found, out, private=secret)
    say(f"{out}: {size >> 20} MiB, {len(found)} files" + ("; only you may read it, it has a secret" if secret else ""))
    return _burn(out, given.device, given.yes) if given.device else 0
