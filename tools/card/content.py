"""The one table of what lies on a card, in a TFTP tree and in a release, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.card.errors import CardError
from tools.card.parts import licence_files

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "image"


@dataclass(frozen=True)
class Item:
    """One file. origin: build (of ./bootwire build), image (written by hand) or firmware (the vendor's)."""

    name: str  # on the card; what the firmware asks for
    origin: str
    source: str  # within the origin's folder
    part: str  # whose licence it has: tools/card/parts.py
    purpose: str  # for README.txt
    optional: bool = False  # not every build makes it


def _tree(name: str, purpose: str, source: str = "", part: str = "linux") -> Item:
    return Item(f"{name}.dtb", "build", f"dtbs/{source or name}.dtb", part, purpose)


def _overlay(name: str, purpose: str) -> Item:
    return Item(f"overlays/{name}.dtbo", "build", f"overlays/{name}.dtbo", "bootwire", purpose)


TABLE = (
    Item("bootcode.bin", "firmware", "bootcode.bin", "firmware", "3, Zero 2 W: the first that is read"),
    Item("start.elf", "firmware", "start.elf", "firmware", "3, Zero 2 W: the firmware"),
    Item("fixup.dat", "firmware", "fixup.dat", "firmware", "3, Zero 2 W: belongs to start.elf"),
    Item("start4.elf", "firmware", "start4.elf", "firmware", "4, 400, CM4, CM4S: the firmware"),
    Item("fixup4.dat", "firmware", "fixup4.dat", "firmware", "4, 400, CM4, CM4S: belongs to start4.elf"),
    Item("Image.gz", "build", "Image.gz", "linux", "bootwire: kernel, with its programs inside"),
    Item("modules.sqfs", "build", "modules.sqfs", "linux", "drivers that not every Pi needs", optional=True),
    Item("overlay.cpio", "build", "overlay.cpio", "linux", "iscsi.overlay=ram: its modules, if config.txt names it",
         optional=True),
    # Under the names that the boards' firmware asks for with our config.txt.
    _tree("bcm2837-rpi-3-b", "3B"),
    _tree("bcm2837-rpi-3-b-plus", "3B+"),
    _tree("bcm2837-rpi-3-a-plus", "3A+"),
    _tree("bcm2837-rpi-zero-2-w", "Zero 2 W"),
    _tree("bcm2711-rpi-4-b", "4B"),
    _tree("bcm2711-rpi-400", "400"),
    _tree("bcm2711-rpi-cm4", "CM4", source="bcm2711-rpi-cm4-io"),
    _tree("bcm2711-rpi-cm4s", "CM4S"),
    _tree("bcm2712-rpi-5-b", "5"),
    _tree("bcm2712-rpi-500", "500, 500+"),
    _tree("bcm2712-rpi-cm5-cm5io", "CM5"),
    _tree("bcm2712-rpi-cm5l-cm5io", "CM5 Lite"),
    # No firmware asks for this name, but people know it and may name it (device_tree=).
    _tree("bcm2712d0-rpi-5-b", "5 of the second stepping, if config.txt names it", source="bcm2712-d-rpi-5-b"),
    _overlay("bcm2712d0", "5, 500, CM5: for the second stepping of the chip"),
    _overlay("bootwire-pi5", "5, 500, CM5: the USB-C port and the thermometer"),
    _overlay("dwc2", "CM4, 3A+, Zero 2 W: the USB port as a device, if asked for"),
    _overlay("miniuart-bt", "3, 4: the better serial port on the header, if asked for"),
    Item("config.txt", "image", "tftp/config.txt", "bootwire", "what the firmware is told"),
    Item("cmdline.txt", "image", "tftp/cmdline.txt", "bootwire", "what the kernel is told"),
)

# A card that has a Pi 3B look for the rest on the network: it must find no start.elf.
BOOTCODE = ("bootcode.bin",)


@dataclass(frozen=True)
class Sources:
    """Folders: build is out/, firmware the unpacked package, notices one with usr/share/doc of libraries."""

    build: Path
    firmware: Path
    notices: Path | None = None

    def folder(self, origin: str) -> Path:
        if origin == "firmware":
            return self.firmware / "usr" / "lib" / "raspi-firmware"
        return self.build if origin == "build" else WRITTEN


def _there(item: Item, sources: Sources) -> Path | None:
    path = sources.folder(item.origin) / item.source
    if path.is_file():
        return path
    if item.optional:
        return None
    raise CardError(f"{path} is missing" + (": ./bootwire build makes it" if item.origin == "build" else ""))


def items(only: tuple[str, ...] = ()) -> Iterator[Item]:
    return (item for item in TABLE if not only or item.name in only)


def collect(sources: Sources, only: tuple[str, ...] = ()) -> dict[str, bytes | Path]:
    """Name → file or bytes, the licences' texts with them. only: not all of the table, but these names."""
    found: dict[str, bytes | Path] = {}
    parts: list[str] = []
    for item in items(only):
        path = _there(item, sources)
        if path is None:
            continue
        found[item.name] = path
        if item.part not in parts:
            parts.append(item.part)
    if "linux" in parts and "bootwire" not in parts:
        parts.append("bootwire")
    for name, text in licence_files(parts, sources.firmware, sources.notices).items():
        found[f"licences/{name}"] = text
    return found
