"""The bootloader's EEPROM of a Pi that started from its card: what the Pi does up to the restart, and what it
makes of what it finds after it. The card is ./bootwire sdcard's, with bootloaders on it. The part of the firmware is
played here: the bootloader that tells Linux of its configuration (lab/bootloader.py), and recovery.bin, which flashes
what the Pi has put on the card (lab/recovery.py). A Pi 5, which no emulator has, is a Pi 4 that says that it is one.
The emulated one does not restart by itself: it is switched off and on."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import phrases
import pytest
from card import Card
from conftest import OUT
from extent import with_all

from lab.bootloader import Bootloader
from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack
from tools.card import content, image, sdcard

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
from eeprom_image import BUILT, image_2711, image_with_two_partitions  # noqa: E402

BEFORE = b"[all]\n# of the rack\nBOOT_UART=1\nBOOT_ORDER=0xf41\n"
AFTER = BEFORE.replace(b"0xf41", b"0xf421")
CTL = "/run/bootwire/bootwirectl"


@dataclass(frozen=True)
class Chip:
    number: str
    revision: int  # of a board with it
    tree: str  # of such a board, with the nodes that its bootloader fills in
    image: bytes

    @property
    def folder(self) -> str:
        return f"eeprom/firmware-{self.number}/default"

    def with_eeprom(self, configuration: bytes) -> Bootloader:
        return Bootloader(configuration, BUILT, BUILT + 5, OUT / "dtbs" / f"{self.tree}.dtb", chip=self.number)


PI_4B = Chip("2711", 0xC03111, "bcm2711-rpi-4-b", image_2711())
PI_5 = Chip("2712", 0xC04170, "bcm2712-rpi-5-b", image_with_two_partitions())


class Boots:
    """A Pi, switched on again and again, with the card that it starts from and what is in its EEPROM."""

    def __init__(self, rack: Rack, sources: content.Sources, directory: Path) -> None:
        self.rack = rack
        self.sources = sources
        self.directory = directory
        self.chip = PI_4B
        self.eeprom = PI_4B.with_eeprom(BEFORE)
        self.bootloaders: image.Files = {}
        for chip in (PI_4B, PI_5):
            self.bootloaders[f"{chip.folder}/pieeprom-2026-02-02.bin"] = chip.image
            self.bootloaders[f"{chip.folder}/recovery.bin"] = f"recovery of {chip.number}".encode()
        self._card: Card | None = None

    @property
    def card(self) -> Card:
        """Made when it is needed first."""
        if self._card is None:
            path = self.directory / "sdcard.img"
            image.write(sdcard.files(self.sources, [], self.bootloaders), path)
            self._card = Card(path)
        return self._card

    def of(self, chip: Chip) -> None:
        self.chip, self.eeprom = chip, chip.with_eeprom(BEFORE)

    def __call__(self, recovers: bool = True) -> VirtualPi:
        """recovers: its boot ROM looks for recovery.bin."""
        options = Options(card=self.card.image, revision=self.chip.revision, bootloader=self.eeprom)
        pi = self.rack.pi(options=options)
        pi.insert_card(self.card.image, recovers)
        assert pi.options.bootloader
        self.eeprom = pi.options.bootloader
        pi.start()
        return pi


@pytest.fixture
def boots(make_rack: Callable[..., Rack], disk: Callable[[str], Path], card_sources: content.Sources,
          tmp_path: Path) -> Boots:
    rack = make_rack("raspi4b")
    rack.target(disk("tiny"))
    rack.serve()
    return Boots(rack, card_sources, tmp_path)


@pytest.mark.parametrize("chip", [PI_4B, PI_5], ids=["a Pi 4", "a Pi 5"])
def test_the_network_is_put_into_the_order_of_boot_once(boots, chip):
    boots.of(chip)
    pi = boots()
    pi.console.expect(r"boots from SD card, USB[^\n]*0xf41", 200)
    pi.console.expect("written at the next start; restarting", 240)
    pi.power_off()
    card = boots.card
    update = card.take("pieeprom.upd")
    assert AFTER in update
    signature = card.read("pieeprom.sig").splitlines()
    assert signature[0] == hashlib.sha256(update).hexdigest()
    assert int(signature[1].removeprefix("ts: ")) > BUILT + 5
    assert signature[2] == f"target-soc: {chip.number}"
    assert card.read("recovery.bin") == f"recovery of {chip.number}"
    card.check_clean()

    pi = boots()
    assert boots.eeprom.configuration == AFTER
    pi.console.expect(r"EEPROM flashed: the Pi boots from SD card, network, USB[^\n]*0xf421", 200)
    pi.console.expect(r"\[init\][^\n]*network", 60)
    pi.power_off()
    left = set(card.names()) & {"pieeprom.upd", "pieeprom.sig", "recovery.000", "recovery.bin", "eeprom.tried"}
    assert not left
    assert "eeprom/" in card.names()
    card.check_clean()


@pytest.mark.parametrize("how", ["it is write-protected", *with_all("power was cut before it")])
def test_an_update_that_does_not_take_is_told_and_not_tried_again(boots, how):
    boots.eeprom = replace(boots.eeprom, write_protected=True)
    pi = boots()
    pi.console.expect("written at the next start; restarting", 260)
    pi.power_off()
    for _ in range(2):
        pi = boots(recovers=how == "it is write-protected")
        pi.console.expect("the update did not take, and is not tried again", 260)
        pi.power_off()
    assert "recovery.bin" not in boots.card.names()
    assert "eeprom.tried" in boots.card.names()


def test_a_card_without_an_image_says_what_the_order_is_and_boots(boots):
    boots.bootloaders = {}
    pi = boots()
    pi.console.expect(r"boots from SD card, USB[^\n]*0xf41", 200)
    pi.console.expect("the SD card has no image for this board", 30)
    pi.console.expect(r"tiny: up", 400)


def test_the_kernel_reads_what_a_pi_5s_bootloader_fills_into_its_tree(rack, disk):
    """By two cells for an address and two for a size, which QEMU's `virt` counts in as a Pi 5's tree does."""
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot(options=Options(revision=PI_5.revision, bootloader=PI_5.with_eeprom(BEFORE)))
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    assert pi.check("cat /sys/bus/nvmem/devices/rmem*/nvmem").splitlines() == BEFORE.decode().splitlines()
    report = pi.check(f"{CTL} hardware-report")
    assert "ability EEPROM: present" in report
    assert f"bootloader build-timestamp: {BUILT:x}" in report
