"""What ./bootwire sdcard and tftp make, as a Pi uses it: on the emulated card slot, and over real TFTP."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import phrases
import pytest

from lab.machine import Options
from lab.servers import TARGET
from tools.card import content, image, sdcard, settings, tree


@pytest.fixture
def sources(make_rack, tmp_path) -> content.Sources:
    """What was built, and stand-ins for the vendor's firmware, which QEMU does not run."""
    firmware = tmp_path / "raspi-firmware"
    for item in content.TABLE:
        if item.origin == "firmware":
            file = firmware / "usr" / "lib" / "raspi-firmware" / item.source
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"no firmware")
    doc = firmware / "usr" / "share" / "doc" / "raspi-firmware"
    doc.mkdir(parents=True)
    (doc / "copyright").write_text("nobody's\n")
    return content.Sources(make_rack("raspi3b").out, firmware)


def test_a_pi_asks_in_its_own_folder_and_another_one_in_the_root(make_rack, sources):
    rack = make_rack("raspi3b")
    one, other = rack.pi(), rack.pi()
    shutil.rmtree(rack.root)
    said = settings.parse(["iscsi.ip=10.77.0.1"])
    own = settings.parse(["iscsi.target=iqn.2024-01.lan.home:own"])
    tree.update(rack.root, content.collect(sources), said, {one.serial[-8:]: own})
    rack.serve()
    boot = one.fetch()
    assert boot.prefix == f"{one.serial[-8:]}/" and not boot.missing
    assert boot.command_line.endswith("quiet iscsi.ip=10.77.0.1 iscsi.target=iqn.2024-01.lan.home:own")
    boot = other.fetch()
    assert boot.prefix == "" and not boot.missing
    assert boot.command_line.endswith("quiet iscsi.ip=10.77.0.1")


def test_a_pi_starts_from_the_card_in_its_slot_and_finds_its_disk_by_what_was_set(make_rack, disk, sources, tmp_path):
    rack = make_rack("raspi3b")
    rack.target(disk("tiny"))
    rack.serve(network_boot=False, root_path=None)
    card, files = tmp_path / "card.img", tmp_path / "files"
    image.write(sdcard.files(sources, settings.parse(["iscsi.ip=10.77.0.1", f"iscsi.target={TARGET}"])), card)
    files.mkdir()
    subprocess.run(["mcopy", "-s", "-i", f"{card}@@{image.FIRST}", "::*", files], check=True)
    pi = rack.pi(options=Options(card=card))
    boot = pi.insert_card(files)
    assert not boot.missing and not boot.warnings
    pi.start()
    pi.console.expect(phrases.TINY_UP, 400)
    pi.login()
    assert Path(pi.check("ls /dev/mmcblk0p1")).name == "mmcblk0p1"
    unknown = "does not say whether it boots from the network without a card"  # QEMU's firmware has no such memory
    assert pi.console.seen(f"this 3B {unknown}")
    assert f"boot ROM: {unknown}" in pi.check("/run/bootwire/bootwirectl hardware-report")
