"""What tells one virtual board from another: names, numbers, and what its firmware looks for."""

from __future__ import annotations

from dataclasses import dataclass

from lab.config_txt import board_type


Property = tuple[str, str, int | str | None]  # node, name, value; None: without it

PI3 = ("bootcode.bin", "start.elf", "fixup.dat")
PI4 = ("start4.elf", "fixup4.dat")  # a Pi 5 has what is in these in its EEPROM
# QEMU carries 64 bytes in each quarter of a millisecond over a Pi's own USB: systemd's 90 s don't do.
SLOW_USB = ("systemd.default_device_timeout_sec=1800", "systemd.default_timeout_start_sec=1800")
# QEMU resets the machine at the moment when the watchdog is started, instead of when it runs out.
WATCHDOG = "/soc/watchdog@7e100000"


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
    stepping: str = ""  # the overlay that its firmware applies for the chip's stepping, asked or not
    patience: tuple[str, ...] = ()  # words for the command line where the emulation is that slow
    unusable: tuple[str, ...] = ()  # nodes whose device QEMU does not do justice
    otherwise: tuple[Property, ...] = ()  # what QEMU's devices want otherwise in the tree than the board's own
    card_slot: str = ""  # QEMU's path of the bus, where `-drive if=sd` is another one
    memory_at: int = 0  # where its memory begins

    @property
    def start_files(self) -> tuple[str, ...]:
        """The firmware's first file of those that it loads; a Pi 5's has all of itself in the EEPROM."""
        return tuple(blob for blob in self.blobs if blob.startswith("start"))


RASPI3B = Board(
    name="raspi3b",
    filters=("pi3", board_type(0x08)),
    model="Raspberry Pi 3 Model B Rev 1.2",
    compatible_tree="bcm2837-rpi-3-b.dtb",
    vendor_tree="bcm2710-rpi-3-b.dtb",
    revision=0xA02082,
    memory=1024,
    rom_dhcp=True,
    blobs=("bootcode.bin", "bootsig.bin", "start.elf", "fixup.dat", "recovery.elf"),
    console="ttyS1",
    patience=SLOW_USB,
    unusable=(WATCHDOG,),
)
RASPI4B = Board(
    name="raspi4b",
    filters=("pi4", board_type(0x11)),
    model="Raspberry Pi 4 Model B Rev 1.5",
    compatible_tree="bcm2711-rpi-4-b.dtb",
    vendor_tree="bcm2711-rpi-4-b.dtb",
    revision=0xB03115,
    memory=2048,
    rom_dhcp=False,
    blobs=PI4,
    console="ttyS1",
    patience=SLOW_USB,
    # HDMI's interrupts and clocks are not there: the kernel dies of looking for them.
    unusable=(WATCHDOG, "/soc/interrupt-controller@7ef00100", "/soc/clock@7ef00000"),
    otherwise=(
        # Its clock comes of the core's, which QEMU's clock manager says another rate of.
        ("/soc/serial@7e215040", "clocks", None),
        ("/soc/serial@7e215040", "clock-frequency", 250_000_000),
        # The firmware switches these by GPIOs of its own, which QEMU's firmware knows nothing of.
        ("/emmc2-bus@fe000000/mmc@7e340000", "vmmc-supply", None),
        ("/emmc2-bus@fe000000/mmc@7e340000", "vqmmc-supply", None),
        # QEMU has no GENET, and no PCIe with the USB ports behind it: the network is at the USB-C port.
        ("/soc/usb@7e980000", "dr_mode", "host"),
    ),
    # Where a Pi 4 has it; `-drive if=sd` is the slot of a Pi 3, which on a Pi 4 is Wi-Fi's. Of two controllers of
    # that name QEMU finds the younger one, which is EMMC2.
    card_slot="/generic-sdhci/sd-bus",
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
    memory_at=0x40000000,
)
RASPBERRY_PI = "b8:27:eb"  # the maker's part of a MAC
BOARDS = {board.name: board for board in (RASPI3B, RASPI4B, VIRT)}


def _real(name: str, kind: int, filters: str, vendor: str, upstream: str = "", blobs: tuple[str, ...] = (),
          stepping: str = "") -> Board:
    """kind: the type in its revision code."""
    return Board(name, (*filters.split(), board_type(kind)), "", f"{upstream or vendor}.dtb", f"{vendor}.dtb", 0, 1024,
                 blobs == PI3, blobs, "", stepping)


# What QEMU has no machine for, as far as its firmware goes: which sections of config.txt it answers to, and
# which files it asks for. lab/hardware/boards.py has what of them no device tree says.
REAL = {board.name: board for board in (
    _real("3B", 0x08, "pi3", "bcm2710-rpi-3-b", "bcm2837-rpi-3-b", PI3),
    _real("3B+", 0x0D, "pi3 pi3+", "bcm2710-rpi-3-b-plus", "bcm2837-rpi-3-b-plus", PI3),
    _real("3A+", 0x0E, "pi3 pi3+", "bcm2710-rpi-3-a-plus", "bcm2837-rpi-3-a-plus", PI3),
    _real("Zero 2 W", 0x12, "pi0 pi0w pi02", "bcm2710-rpi-zero-2-w", "bcm2837-rpi-zero-2-w", PI3),
    _real("4B", 0x11, "pi4", "bcm2711-rpi-4-b", blobs=PI4),
    _real("400", 0x13, "pi4 pi400", "bcm2711-rpi-400", blobs=PI4),
    _real("CM4", 0x14, "pi4 cm4", "bcm2711-rpi-cm4", blobs=PI4),
    _real("CM4S", 0x15, "pi4 cm4s", "bcm2711-rpi-cm4s", blobs=PI4),
    _real("5", 0x17, "pi5", "bcm2712-rpi-5-b"),
    _real("5 (D0)", 0x17, "pi5", "bcm2712-rpi-5-b", stepping="bcm2712d0"),
    _real("500, 500+", 0x19, "pi5 pi500", "bcm2712-rpi-500", stepping="bcm2712d0"),
    _real("CM5", 0x18, "pi5 cm5", "bcm2712-rpi-cm5-cm5io", stepping="bcm2712d0"),
    _real("CM5 Lite", 0x1A, "pi5 cm5", "bcm2712-rpi-cm5l-cm5io", stepping="bcm2712d0"),
)}


def mac_of(serial: str) -> str:
    """A Pi 3's MAC ends in its serial number's last three bytes."""
    tail = serial[-6:]
    return ":".join([RASPBERRY_PI, tail[0:2], tail[2:4], tail[4:6]])
