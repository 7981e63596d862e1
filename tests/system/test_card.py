"""What ./bootwire sdcard and tftp make, as a Pi uses it: on the emulated card slot, and over real TFTP."""

from __future__ import annotations

import shutil

import phrases
import pytest

from lab.machine import Options
from lab.servers import TARGET
from tools.card import content, image, sdcard, settings, tree


def test_a_pi_asks_in_its_own_folder_and_another_one_in_the_root(make_rack, card_sources):
    rack = make_rack("raspi3b")
    one, other = rack.pi(), rack.pi()
    shutil.rmtree(rack.root)
    said = settings.parse(["iscsi.ip=10.77.0.1"])
    own = settings.parse(["iscsi.target=iqn.2024-01.lan.home:own"])
    tree.update(rack.root, content.collect(card_sources), said, {one.serial[-8:]: own})
    rack.serve()
    boot = one.fetch()
    assert boot.prefix == f"{one.serial[-8:]}/" and not boot.missing
    assert boot.command_line.endswith("quiet iscsi.ip=10.77.0.1 iscsi.target=iqn.2024-01.lan.home:own")
    boot = other.fetch()
    assert boot.prefix == "" and not boot.missing
    assert boot.command_line.endswith("quiet iscsi.ip=10.77.0.1")


@pytest.mark.parametrize("board, slot", [("raspi3b", "3f202000.mmc"), ("raspi4b", "fe340000.mmc")])
def test_a_pi_starts_from_sdcard_img_in_its_slot_and_finds_its_disk_by_what_was_set(
        make_rack, disk, card_sources, tmp_path, board, slot):
    rack = make_rack(board)
    rack.target(disk("tiny"))
    rack.serve(network_boot=False, root_path=None)
    card = tmp_path / "sdcard.img"
    said = settings.parse(["iscsi.ip=10.77.0.1", f"iscsi.target={TARGET}"])
    image.write(sdcard.files(card_sources, said), card)
    pi = rack.pi(options=Options(card=card))
    boot = pi.insert_card(card)
    assert not boot.missing and not boot.warnings
    pi.start()
    pi.console.expect(phrases.TINY_UP, 400)
    pi.login()
    assert f"/{slot}/" in pi.check("readlink -f /sys/class/block/mmcblk*p1")
    unknown = "does not say whether it boots from the network without a card"  # QEMU's firmware has no such memory
    assert pi.console.seen(f"this 3B {unknown}") == (board == "raspi3b")
    assert (f"boot ROM: {unknown}" in pi.check("/run/bootwire/bootwirectl hardware-report")) == (board == "raspi3b")
