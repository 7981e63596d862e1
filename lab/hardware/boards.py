"""The boards that docs/hardware.md has a row for, and what of them no device tree says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from lab.boards import REAL
from tools.card.content import TABLE

ABILITIES = ("boot", "Ethernet", "Wi-Fi", "USB device", "HDMI", "EEPROM")


@dataclass(frozen=True)
class Chip:
    """One on the board that is found by asking its bus, not by the device tree."""

    name: str
    modalias: str
    ability: str


def _phy(name: str, identifier: int) -> Chip:
    return Chip(name, f"mdio:{identifier:032b}", "Ethernet")


# Identifiers as the kernel's drivers have them: drivers/net/phy/{smsc,microchip,broadcom}.c, include/linux/brcmphy.h
LAN9514 = _phy("the LAN9514's PHY", 0x0007C0C0)
LAN7515 = _phy("the LAN7515's PHY", 0x0007C132)
BCM54213PE = _phy("the BCM54213PE (PHY)", 0x600D84A2)
VL805 = Chip("the VL805 (USB 3)", "pci:v00001106d00003483sv00001106sd00003483bc0Csc03i30", "boot")


@dataclass(frozen=True)
class Board:
    name: str
    tree: str  # of the build, without .dtb
    filters: tuple[str, ...]  # sections of config.txt that it answers to
    lacks: tuple[str, ...] = ()  # abilities that the board has no hardware for
    chips: tuple[Chip, ...] = ()
    stepping: str = ""  # an overlay that its firmware applies unasked
    usb_device: str = ""  # the overlay with which its USB port becomes a device, if config.txt asks for it
    instead: str = ""  # a tree to look at where the stepping's overlay is not there


def _board(name: str, lacks: tuple[str, ...] = (), chips: tuple[Chip, ...] = (), **more: str) -> Board:
    """What its firmware does is in lab/boards.py; which tree of the build has the name that it asks for, in the
    table of what lies on a card."""
    real = REAL[name]
    built = next(item.source for item in TABLE if item.name == real.compatible_tree)
    return Board(name, PurePath(built).stem, real.filters, lacks, chips, real.stepping, **more)


BOARDS = (
    _board("3B", ("USB device", "EEPROM"), (LAN9514,)),
    _board("3B+", ("USB device", "EEPROM"), (LAN7515,)),
    _board("3A+", ("Ethernet", "EEPROM"), usb_device="dwc2"),
    _board("Zero 2 W", ("Ethernet", "EEPROM")),
    _board("4B", (), (BCM54213PE, VL805)),
    _board("400", (), (BCM54213PE, VL805)),
    _board("CM4", (), (BCM54213PE,), usb_device="dwc2"),
    _board("CM4S", ("Ethernet", "Wi-Fi"), usb_device="dwc2"),
    _board("5", (), (BCM54213PE,)),
    _board("5 (D0)", (), (BCM54213PE,), instead="bcm2712-d-rpi-5-b"),
    _board("500, 500+", (), (BCM54213PE,)),
    _board("CM5", (), (BCM54213PE,), instead="bcm2712-d-rpi-cm5-cm5io"),
    _board("CM5 Lite", (), (BCM54213PE,), instead="bcm2712-d-rpi-cm5l-cm5io"),
    Board("CM0", "", ("cm0",), ("Ethernet", "EEPROM")),
)

# Nodes that may be without a driver, and why that keeps no Pi from booting.
LEFT_OUT = {
    "arm,cortex-a53-pmu": "performance counters",
    "arm,cortex-a72-pmu": "performance counters",
    "arm,cortex-a76-pmu": "performance counters",
    "brcm,2711-v3d": "3D, which the console needs not",
    "brcm,2712-v3d": "3D, which the console needs not",
    "brcm,bcm2712-pispbe": "cameras",
    "brcm,bcm2835-pwm": "sound by the jack, and the header",
    "brcm,bcm2835-system-timer": "the CPUs' own timers serve",
    "brcm,bcm2835-vchiq": "cameras, and sound by way of the firmware",
    "brcm,bcm43438-bt": "Bluetooth",
    "brcm,bcm7271-uart": "Bluetooth",
    "gpio-keys": "the power button",
    "i2c-mux-pinctrl": "I2C for cameras and displays",
    "nxp,pcf85063a": "the clock on a CM4's IO board",
}
# No devices, but what the kernel's own code reads.
NO_DEVICES = {"arm,cortex-a53", "arm,cortex-a72", "arm,cortex-a76", "brcm,bcm2711-avs-monitor", "cache",
              "operating-points-v2", "simple-bus"}
# Strings that many nodes have besides their own and that name no driver of theirs.
GENERIC = {"arm,primecell", "simple-mfd", "syscon"}
# Drivers that match by something else than a compatible string, or are made by another one's; the names are
# those of their objects in vmlinux.
BY_SYMBOL = {
    "arm,pl011": ("pl011_driver",),  # by its AMBA identifier
    "bootwire,on-demand": ("dwc3_of_simple_driver",),  # bound by init, src/shim/board/on_demand.h
    "brcm,bcm2835-pm-wdt": ("bcm2835_wdt_driver", "bcm2835_power_driver"),  # cells of bcm2835-pm
    "snps,dwc3": ("usb_generic_xhci_driver",),  # its host side
}
ONLY_BY_SYMBOL = {"arm,pl011", "bootwire,on-demand"}
# What a node may name although it is disabled: (who names it, what it is).
OPTIONAL = {
    # Two of the clocks' manager's many inputs, which only displays on a ribbon use.
    ("brcm,bcm2835-cprman", "brcm,bcm2835-dsi0"), ("brcm,bcm2835-cprman", "brcm,bcm2835-dsi1"),
    ("brcm,bcm2711-cprman", "brcm,bcm2835-dsi0"), ("brcm,bcm2711-cprman", "brcm,bcm2711-dsi1"),
}
WIFI = ("brcm,bcm4329-fmac",)
USB_DEVICE = ("brcm,bcm2835-usb",)
HDMI = ("brcm,bcm2835-hdmi", "brcm,bcm2711-hdmi0", "brcm,bcm2711-hdmi1", "brcm,bcm2712-hdmi0", "brcm,bcm2712-hdmi1")
# What the display's driver waits for besides what HDMI's nodes name: it is one of several components.
DISPLAY = (*HDMI, "brcm,bcm2835-vc4", "brcm,bcm2711-vc5", "brcm,bcm2712-vc6", "brcm,bcm2835-hvs", "brcm,bcm2711-hvs",
           "brcm,bcm2712-hvs")
EEPROM = ("nvmem-rmem", "raspberrypi,bootloader-config")
