"""Which QEMU is the board."""

from __future__ import annotations

import pytest

from lab import device_tree, qemu
from lab.errors import LabError
from lab.processes import run


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache's folder, and a system whose QEMU is 7."""
    monkeypatch.setenv("BOOTWIRE_CACHE", str(tmp_path))
    monkeypatch.setattr(qemu, "_version", lambda program: 7)
    monkeypatch.setattr(qemu, "tool", lambda program: f"/usr/bin/{program}")
    return tmp_path


def test_a_board_that_the_systems_qemu_knows_is_that_one(cache, monkeypatch):
    assert qemu.emulator("raspi3b") == qemu.emulator("virt") == "/usr/bin/qemu-system-aarch64"
    monkeypatch.setattr(qemu, "_version", lambda program: 10)
    assert qemu.emulator("raspi4b") == "/usr/bin/qemu-system-aarch64"


def test_a_pi_4_is_a_newer_one_beside_it_and_without_that_how_to_get_it_is_said(cache):
    with pytest.raises(LabError, match="a raspi4b takes QEMU 10 or newer, and .*-aarch64 is 7: .*fetches one"):
        qemu.emulator("raspi4b")
    newer = cache / "sysroot/qemu/usr/bin/qemu-system-aarch64"
    newer.parent.mkdir(parents=True)
    newer.write_text("")
    assert qemu.emulator("raspi4b") == str(newer)


def test_a_version_is_read_of_what_qemu_says(monkeypatch):
    monkeypatch.setattr(qemu, "run", lambda *words: "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\n")
    assert qemu._version.__wrapped__("qemu") == 10


def test_a_property_of_a_tree_is_changed_added_and_taken_out_and_a_node_that_is_not_there_missed(tmp_path):
    source, tree = tmp_path / "a.dts", tmp_path / "a.dtb"
    source.write_text('/dts-v1/;\n/ { a { clocks = <1 2>; mode = "x"; }; };\n')
    run("dtc", "-q", "-o", str(tree), str(source))
    device_tree.change(tree, "/a", "clocks", None)
    device_tree.change(tree, "/a", "clock-frequency", 250_000_000)
    device_tree.change(tree, "/a", "mode", "host")
    assert device_tree.get_text(tree, "/a", "clocks") == ""
    assert device_tree.get_cells(tree, "/a", "clock-frequency") == [250_000_000]
    assert device_tree.get_text(tree, "/a", "mode") == "host"
    before = tree.read_bytes()
    for wrong in (lambda: device_tree.change(tree, "/b", "mode", "host"), lambda: device_tree.disable(tree, "/b"),
                  lambda: device_tree.change(tree, "/a", "clocks", None)):
        with pytest.raises(LabError):
            wrong()
    assert tree.read_bytes() == before
