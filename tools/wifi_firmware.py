"""Which files brcmfmac asks for on each board with Wi-Fi, and of which of Debian's they are made.

    tools/wifi_firmware.py list                   NAME PACKAGE FILE, a line for each; names and files below lib/firmware
    tools/wifi_firmware.py check SDIO.C DTB…      whether the driver's table and the trees say what is said here
    tools/wifi_firmware.py make PACKAGES FOLDER   FOLDER with those names, of the packages unpacked in PACKAGES

The driver asks for BASE.BOARD.bin, .txt and .clm_blob first, where BOARD is the first `compatible` of the tree, and
only then for BASE.bin and so on. Whoever asks while the root disk is away must not be sent to it, so all of the
first kind are there, for each board.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BRCM80211 = "firmware-brcm80211"  # of trixie-backports/non-free-firmware: 7.45.286 of 43455 has SAE for others
RASPI = "raspi-firmware"  # 43456, and what a board without a file of its own takes
PACKAGES = (BRCM80211, RASPI)
KINDS = ("bin", "txt", "clm_blob")


class FirmwareError(Exception):
    """What is not as it should be, for a person."""


@dataclass(frozen=True)
class Chip:
    symbol: str  # of the driver's table, drivers/net/wireless/broadcom/brcm80211/brcmfmac/sdio.c
    revision: int
    base: str  # of its files
    firmware: tuple[str, str]  # package and file, without its kind, below usr/lib/firmware


@dataclass(frozen=True)
class Board:
    compatible: str  # the first of its tree
    trees: tuple[str, ...]  # of kernel/common.sh
    chip: Chip
    settings: tuple[str, str]  # package and file of its NVRAM


C43430 = Chip("BRCM_CC_43430_CHIP_ID", 1, "brcmfmac43430-sdio", (BRCM80211, "cypress/cyfmac43430-sdio"))
C43455 = Chip("BRCM_CC_4345_CHIP_ID", 6, "brcmfmac43455-sdio", (BRCM80211, "cypress/cyfmac43455-sdio"))
C43456 = Chip("BRCM_CC_4345_CHIP_ID", 9, "brcmfmac43456-sdio", (RASPI, "brcm/brcmfmac43456-sdio"))
# The second of a Zero 2 W's chips: Debian has nothing for it.
C43430B0 = Chip("BRCM_CC_43430_CHIP_ID", 2, "brcmfmac43430b0-sdio", ("", ""))


def _of(chip: Chip, board: str) -> tuple[str, str]:
    return BRCM80211, f"brcm/{chip.base}.raspberrypi,{board}.txt"


OF_3B, OF_3B_PLUS, OF_4B = _of(C43430, "3-model-b"), _of(C43455, "3-model-b-plus"), _of(C43455, "4-model-b")
OF_400 = (RASPI, "brcm/brcmfmac43456-sdio.txt")
BOARDS = (
    Board("raspberrypi,3-model-b", ("bcm2837-rpi-3-b",), C43430, OF_3B),
    Board("raspberrypi,model-zero-2-w", ("bcm2837-rpi-zero-2-w",), C43430, OF_3B),
    Board("raspberrypi,3-model-b-plus", ("bcm2837-rpi-3-b-plus",), C43455, OF_3B_PLUS),
    Board("raspberrypi,3-model-a-plus", ("bcm2837-rpi-3-a-plus",), C43455, OF_3B_PLUS),
    Board("raspberrypi,4-model-b", ("bcm2711-rpi-4-b",), C43455, OF_4B),
    Board("raspberrypi,400", ("bcm2711-rpi-400",), C43456, OF_400),
    Board("raspberrypi,4-compute-module", ("bcm2711-rpi-cm4-io",), C43455, OF_4B),
    Board("raspberrypi,5-model-b", ("bcm2712-rpi-5-b", "bcm2712-d-rpi-5-b"), C43455, OF_4B),
    Board("raspberrypi,500", ("bcm2712-rpi-500",), C43455, OF_4B),
    Board("raspberrypi,5-compute-module",
          ("bcm2712-rpi-cm5-cm5io", "bcm2712-d-rpi-cm5-cm5io", "bcm2712-rpi-cm5l-cm5io", "bcm2712-d-rpi-cm5l-cm5io"),
          C43455, OF_4B),
)
WITHOUT_WIFI = ("bcm2711-rpi-cm4s",)


@dataclass(frozen=True)
class File:
    """A name that is asked for, and what it is made of."""

    name: str  # below lib/firmware
    package: str
    source: str  # below usr/lib/firmware of the package


def board_type(compatible: str) -> str:
    """As brcmf_of_probe() makes it."""
    return compatible.replace("/", "-")


def files() -> list[File]:
    found = []
    for board in BOARDS:
        for kind in KINDS:
            package, source = board.settings
            if kind != "txt":
                package, source = board.chip.firmware[0], f"{board.chip.firmware[1]}.{kind}"
            found.append(File(f"brcm/{board.chip.base}.{board_type(board.compatible)}.{kind}", package, source))
    return found


ENTRY = re.compile(r"BRCMF_FW_ENTRY\((\w+), (0x[0-9A-Fa-f]+), (\w+)\)")
DEFINITION = re.compile(r'^BRCMF_FW_(?:CLM_)?DEF\((\w+), "([^"]+)"\);', re.MULTILINE)


def base_of(driver: str, symbol: str, revision: int) -> str:
    """The base of the files of a chip, by the driver's table: its first entry for chip and revision."""
    bases = dict(DEFINITION.findall(driver))
    for chip, mask, name in ENTRY.findall(driver):
        if chip == symbol and int(mask, 16) >> revision & 1:
            if name not in bases:
                raise FirmwareError(f"the driver's table names {name}, and no files for it")
            return bases[name]
    raise FirmwareError(f"the driver knows no {symbol} of revision {revision}")


def check(driver: str, compatible: dict[str, str]) -> list[str]:
    """What the driver's source and the trees (name: first compatible) say otherwise."""
    wrong = []
    for chip in (C43430, C43430B0, C43455, C43456):
        base = base_of(driver, chip.symbol, chip.revision)
        if base != chip.base:
            wrong.append(f"the driver wants {base} for {chip.symbol} of revision {chip.revision}, not {chip.base}")
    known = {tree: board for board in BOARDS for tree in board.trees}
    for tree, first in compatible.items():
        if tree in WITHOUT_WIFI:
            continue
        if tree not in known:
            wrong.append(f"{tree}: nothing says which chip is on that board")
        elif known[tree].compatible != first:
            wrong.append(f"{tree} is {first}, not {known[tree].compatible}: the driver will ask for other names")
    return wrong


def make(packages: Path, folder: Path) -> None:
    """The files under their names, each content once: the other names are links to the first."""
    first: dict[tuple[str, str], str] = {}
    for file in files():
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        same = first.setdefault((file.package, file.source), file.name)
        if same != file.name:
            target.unlink(missing_ok=True)
            target.symlink_to(Path(same).name)
            continue
        source = packages / "usr" / "lib" / "firmware" / file.source
        if not source.is_file():
            raise FirmwareError(f"{file.package} has no {file.source}, which {file.name} is made of")
        shutil.copyfile(source, target)


def first_compatible(tree: Path) -> str:
    done = subprocess.run(["fdtget", "-t", "s", tree, "/", "compatible"], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise FirmwareError(f"{tree} is no device tree")
    return done.stdout.split()[0]


def main(words: list[str]) -> int:
    try:
        if words == ["list"]:
            for file in files():
                print(file.name, file.package, file.source)
        elif len(words) > 2 and words[0] == "check":
            compatible = {Path(tree).stem: first_compatible(Path(tree)) for tree in words[2:]}
            wrong = check(Path(words[1]).read_text(), compatible)
            for line in wrong:
                print(f"wifi_firmware: {line}", file=sys.stderr)
            return 1 if wrong else 0
        elif len(words) == 3 and words[0] == "make":
            make(Path(words[1]), Path(words[2]))
        else:
            print(__doc__, end="", file=sys.stderr)
            return 2
    except (FirmwareError, OSError) as error:
        print(f"wifi_firmware: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
