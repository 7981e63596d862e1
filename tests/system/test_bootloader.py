"""The bootloader's EEPROM of a Pi that started from its card: what the Pi does up to the restart, and what it
makes of what it finds after it. The part of the firmware, which flashes, is played here (lab/bootloader.py); no
emulator has it, nor a Pi 4 or 5 with a card and network: a Pi 3 says that it is one. The emulated one does not
restart: it is switched off."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
        return Bootloader(configuration, BUILT, BUILT + 5, OUT / "dtbs" / f"{self.tree}.dtb")


PI_4B = Chip("2711", 0xC03111, "bcm2711-rpi-4-b", image_2711())
PI_5 = Chip("2712", 0xC04170, "bcm2712-rpi-5-b", image_with_two_partitions())


class Boots:
    """A Pi, again and again, with the card that it starts from."""

    def __init__(self, rack: Rack, directory: Path) -> None:
        self.rack = rack
        self.directory = directory
        self.chip = PI_4B
        self.files: dict[str, bytes] = {}
        for chip in (PI_4B, PI_5):
            self.files[f"{chip.folder}/pieeprom-2026-02-02.bin"] = chip.image
            self.files[f"{chip.folder}/recovery.bin"] = f"recovery of {chip.number}".encode()
        self._card: Card | None = None

    @property
    def card(self) -> Card:
        """Made when it is needed first: rack.pi() writes what the card has, too."""
        if self._card is None:
            files = {"cmdline.txt": (self.rack.root / "cmdline.txt").read_bytes()}
            self._card = Card(self.directory / "card.img", {**files, **self.files})
        return self._card

    def __call__(self, configuration: bytes) -> VirtualPi:
        """With this in its EEPROM."""
        options = Options(card=self.directory / "card.img", revision=self.chip.revision,
                          bootloader=self.chip.with_eeprom(configuration))
        pi = self.rack.pi(options=options)
        self.rack.root.joinpath("cmdline.txt").write_text(self.card.read("cmdline.txt"))  # as it was the first time
        pi.insert_card(self.rack.root)
        pi.start()
        return pi


@pytest.fixture
def boots(make_rack: Callable[..., Rack], disk: Callable[[str], Path], tmp_path: Path) -> Boots:
    rack = make_rack("raspi3b")
    rack.target(disk("tiny"))
    rack.serve()
    return Boots(rack, tmp_path)


@pytest.mark.parametrize("chip", [PI_4B, PI_5], ids=["a Pi 4", "a Pi 5"])
def test_the_network_is_put_into_the_order_of_boot_once(boots, tmp_path, chip):
    boots.chip = chip
    pi = boots(BEFORE)
    pi.console.expect(r"boots from SD card, USB[^\n]*0xf41", 200)
    pi.console.expect("written at the next start; restarting", 240)
    pi.power_off()
    card = boots.card
    update = card.take("pieeprom.upd", tmp_path / "upd")
    assert AFTER in update
    signature = card.read("pieeprom.sig").splitlines()
    assert signature[0] == hashlib.sha256(update).hexdigest()
    assert int(signature[1].removeprefix("ts: ")) > BUILT + 5
    assert signature[2] == f"target-soc: {chip.number}"
    assert card.read("recovery.bin") == f"recovery of {chip.number}"
    card.check_clean()

    card.rename("recovery.bin", "recovery.000")  # as it calls itself when it has flashed
    pi = boots(AFTER)
    pi.console.expect(r"EEPROM flashed: the Pi boots from SD card, network, USB[^\n]*0xf421", 200)
    pi.console.expect(r"\[init\][^\n]*network", 60)
    pi.power_off()
    left = set(card.names()) & {"pieeprom.upd", "pieeprom.sig", "recovery.000", "recovery.bin", "eeprom.tried"}
    assert not left
    assert "eeprom/" in card.names()
    card.check_clean()


@pytest.mark.parametrize("how", ["it is write-protected", *with_all("power was cut before it")])
def test_an_update_that_does_not_take_is_told_and_not_tried_again(boots, how):
    pi = boots(BEFORE)
    pi.console.expect("written at the next start; restarting", 260)
    pi.power_off()
    if how == "it is write-protected":
        boots.card.rename("recovery.bin", "recovery.000")
    for _ in range(2):
        pi = boots(BEFORE)
        pi.console.expect("the update did not take, and is not tried again", 260)
        pi.power_off()
    assert "recovery.bin" not in boots.card.names()
    assert "eeprom.tried" in boots.card.names()


def test_a_card_without_an_image_says_what_the_order_is_and_boots(boots):
    boots.files = {}
    pi = boots(BEFORE)
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
