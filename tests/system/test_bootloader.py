"""The bootloader's EEPROM of a Pi that started from its card: what the Pi does up to the restart, and what it
makes of what it finds after it. The part of the firmware, which flashes, is played here; no emulator has it, nor a
Pi 4 with a card and network: a Pi 3 says that it is one. The emulated one does not restart: it is switched off."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from card import Card
from extent import with_all

from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
from eeprom_image import BUILT, image_2711  # noqa: E402

PI_4B = 0xC03111
CONFIG_AT = 0x3A000000  # memory of 4 KiB that the firmware leaves its configuration in
FOLDER = "eeprom/firmware-2711/default"
BEFORE = b"[all]\n# of the rack\nBOOT_UART=1\nBOOT_ORDER=0xf41\n"
AFTER = BEFORE.replace(b"0xf41", b"0xf421")
OVERLAY = f"""
/dts-v1/;
/plugin/;
/ {{
    fragment@0 {{
        target-path = "/";
        __overlay__ {{
            reserved-memory {{
                #address-cells = <1>;
                #size-cells = <1>;
                ranges;
                nvram@{CONFIG_AT:x} {{
                    compatible = "raspberrypi,bootloader-config", "nvmem-rmem";
                    #address-cells = <1>;
                    #size-cells = <1>;
                    reg = <{CONFIG_AT:#x} 0x1000>;
                    no-map;
                }};
            }};
        }};
    }};
    fragment@1 {{
        target-path = "/aliases";
        __overlay__ {{ blconfig = "/reserved-memory/nvram@{CONFIG_AT:x}"; }};
    }};
    fragment@2 {{
        target-path = "/chosen";
        __overlay__ {{
            bootloader {{
                build-timestamp = <{BUILT}>;
                update-timestamp = <{BUILT + 5}>;
                boot-mode = <1>;
            }};
        }};
    }};
}};
"""


class Boots:
    """A Pi, again and again, with the card that it starts from."""

    def __init__(self, rack: Rack, directory: Path) -> None:
        self.rack = rack
        self.directory = directory
        self.files = {f"{FOLDER}/pieeprom-2026-02-02.bin": image_2711(), f"{FOLDER}/recovery.bin": b"recovery of 2711"}
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
        live = self.directory / "blconfig"
        live.write_bytes(configuration.ljust(4096, b"\0"))
        loader = ["-device", f"loader,file={live},addr={CONFIG_AT:#x},force-raw=on"]
        options = Options(card=self.directory / "card.img", revision=PI_4B, extra=loader)
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
    overlays = rack.root / "overlays"
    overlays.mkdir(exist_ok=True)
    compile_it = ["dtc", "-q", "-@", "-o", str(overlays / "bootloader.dtbo"), "-"]
    subprocess.run(compile_it, input=OVERLAY, text=True, check=True)
    with (rack.root / "config.txt").open("a") as config:
        config.write("\n[all]\ndtoverlay=bootloader\n")
    return Boots(rack, tmp_path)


def test_the_network_is_put_into_the_order_of_boot_once(boots, tmp_path):
    pi = boots(BEFORE)
    pi.console.expect(r"boots from SD card, USB[^\n]*0xf41", 200)
    pi.console.expect("written at the next start; restarting", 60)
    pi.power_off()
    card = boots.card
    update = card.take("pieeprom.upd", tmp_path / "upd")
    assert AFTER in update
    signature = card.read("pieeprom.sig").splitlines()
    assert signature[0] == hashlib.sha256(update).hexdigest()
    assert int(signature[1].removeprefix("ts: ")) > BUILT + 5
    assert signature[2] == "target-soc: 2711"
    assert card.read("recovery.bin") == "recovery of 2711"
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
