"""What tells one virtual board from another: names, numbers, and what its firmware looks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    name: str
    filters: tuple[str, ...]  # config.txt sections that this model answers to
    model: str
    compatible_tree: str  # device tree under upstream_kernel=1, "" where QEMU brings its own
    vendor_tree: str
    revision: int
    memory: int  # MiB
    rom_dhcp: bool  # Pi 3: the mask ROM's own DHCP, which wants option 43 and sends no REQUEST
    blobs: tuple[str, ...]  # asked for before config.txt's own files, in this order
    console: str
    patience: tuple[str, ...] = ()  # words for the command line where the emulation is that slow
    unusable: tuple[str, ...] = ()  # nodes whose device QEMU does not do justice


RASPI3B = Board(
    name="raspi3b",
    filters=("pi3",),
    model="Raspberry Pi 3 Model B Rev 1.2",
    compatible_tree="bcm2837-rpi-3-b.dtb",
    vendor_tree="bcm2710-rpi-3-b.dtb",
    revision=0xA02082,
    memory=1024,
    rom_dhcp=True,
    blobs=("bootcode.bin", "bootsig.bin", "start.elf", "fixup.dat", "recovery.elf"),
    console="ttyS1",
    # QEMU carries 64 bytes in each quarter of a millisecond over this USB: systemd's 90 s don't do.
    patience=("systemd.default_device_timeout_sec=1800", "systemd.default_timeout_start_sec=1800"),
    # QEMU resets the machine at the moment when the watchdog is started, instead of when it runs out.
    unusable=("/soc/watchdog@7e100000",),
)
VIRT = Board(
    name="virt",
    filters=("virt",),
    model="",
    compatible_tree="",
    vendor_tree="",
    revision=0,
    memory=1024,
    rom_dhcp=False,
    blobs=(),
    console="ttyAMA0",
)
RASPBERRY_PI = "b8:27:eb"  # the maker's part of a MAC
BOARDS = {board.name: board for board in (RASPI3B, VIRT)}


def mac_of(serial: str) -> str:
    """A Pi 3's MAC ends in its serial number's last three bytes."""
    tail = serial[-6:]
    return ":".join([RASPBERRY_PI, tail[0:2], tail[2:4], tail[4:6]])
