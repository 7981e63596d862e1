"""The stand-in for recovery.bin takes what a real one takes, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from eeprom_image import BUILT, SHAPES, TEXT, image_2711

from lab import recovery
from lab.bootloader import Bootloader
from lab.card import CardImage
from lab.errors import LabError
from lab.firmware import FirmwareError
from tools.card import image

EEPROM = Bootloader(b"[all]\nBOOT_ORDER=0xf41\n", BUILT, BUILT, Path("no tree"))


def signature(update: bytes, time: int = BUILT + 1, chip: str = "2711") -> bytes:
    return f"{hashlib.sha256(update).hexdigest()}\nts: {time}\ntarget-soc: {chip}\n".encode()


@pytest.fixture
def card(tmp_path):
    """A card with these files."""

    def make(**files: bytes) -> CardImage:
        names = {"upd": recovery.UPDATE, "sig": recovery.SIGNATURE, "program": recovery.PROGRAM}
        image.write({names[name]: content for name, content in files.items()}, tmp_path / "card.img")
        return CardImage(tmp_path / "card.img")

    return make


@pytest.mark.parametrize("shape", SHAPES)
def test_an_update_is_in_the_eeprom_afterwards_and_recovery_bin_has_another_name(card, shape):
    update = SHAPES[shape](TEXT)
    chip = "2711" if shape == "2711" else "2712"
    there = card(upd=update, sig=signature(update, chip=chip), program=chip.encode())
    after = recovery.run(there, replace(EEPROM, chip=chip))
    assert (after.configuration, after.updated) == (TEXT, BUILT + 1)
    assert sorted(there.names()) == ["pieeprom.sig", "pieeprom.upd", "recovery.000"]
    assert recovery.run(there, after) == after, "once"


def test_what_is_write_protected_stays_and_recovery_bin_has_another_name_all_the_same(card):
    update = image_2711()
    there = card(upd=update, sig=signature(update), program=b"2711")
    protected = replace(EEPROM, write_protected=True)
    assert recovery.run(there, protected) == protected
    assert "recovery.000" in there.names()


def test_without_recovery_bin_or_with_that_of_another_chip_nothing_happens(card):
    update = image_2711()
    for files in ({}, {"program": b"2712"}):
        there = card(upd=update, sig=signature(update), **files)
        before = there.names()
        assert recovery.run(there, EEPROM) == EEPROM and there.names() == before


@pytest.mark.parametrize("files, why", [
    ({"sig": signature(image_2711())}, "no pieeprom.upd"),
    ({"upd": image_2711()}, "no pieeprom.sig"),
    ({"upd": image_2711(), "sig": signature(b"another")}, "SHA-256"),
    ({"upd": image_2711(), "sig": b""}, "SHA-256"),
    ({"upd": image_2711(), "sig": signature(image_2711(), chip="2712")}, "for 2712, and this is 2711"),
    ({"upd": image_2711(), "sig": signature(image_2711(), time=BUILT)}, f"of {BUILT}, the EEPROM of {BUILT}"),
    ({"upd": bytes(1 << 19), "sig": signature(bytes(1 << 19))}, "no bootconf.txt"),
])
def test_what_does_not_fit_is_not_flashed(card, files, why):
    with pytest.raises(FirmwareError, match=why):
        recovery.run(card(program=b"2711", **files), EEPROM)


def test_an_image_without_partitions_is_no_card(tmp_path):
    (tmp_path / "none.img").write_bytes(bytes(1 << 20))
    with pytest.raises(LabError, match="no first partition"):
        CardImage(tmp_path / "none.img")
