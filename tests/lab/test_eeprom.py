"""./bootwire eeprom, on images of our own shape."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import subprocess
from pathlib import Path

import pytest

import eeprom_image
from eeprom_image import SHAPES, TEXT

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("BOOTWIRE_EEPROM", "")  # tests/lab.cmake names it
pytestmark = pytest.mark.skipif(not PROGRAM, reason="BOOTWIRE_EEPROM names no program: run it by ctest")


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *words], text=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.fixture(params=list(SHAPES))
def image(request, tmp_path: Path) -> Path:
    file = tmp_path / f"pieeprom-{request.param}.bin"
    file.write_bytes(SHAPES[request.param]())
    return file


def test_an_image_is_shown_with_version_order_and_configuration(image):
    shown = run("show", image)
    assert shown.returncode == 0, shown.stderr
    assert "2026-02-02 02:40:00 UTC (BUILD_TIMESTAMP 1770000000), 0123abcd, MFG_VER 1" in shown.stdout
    assert "order of boot  0xf461: SD card, NVMe, USB, again from the start; the network is not in it\n" in shown.stdout
    assert f"configuration  {len(TEXT)} bytes; room for 4076" in shown.stdout
    assert "  POWER_OFF_ON_HALT=0\n" in shown.stdout
    assert "bootconf.txt" in shown.stdout and "by no owner" in shown.stdout
    assert ("two partitions" in shown.stdout) == ("two-partitions" in image.name)


def test_the_network_is_put_behind_the_card_and_nothing_else_changes(image, tmp_path):
    before = image.read_bytes()
    done = run("edit", image, "--boot-order", "network", "--out", tmp_path / "new.bin")
    assert done.returncode == 0, done.stderr
    assert "- BOOT_ORDER=0xf461\n+ BOOT_ORDER=0xf4621\n" in done.stdout
    assert "0xf4621: SD card, network, NVMe, USB, again from the start\n" in run("show", tmp_path / "new.bin").stdout
    make = SHAPES[image.stem.removeprefix("pieeprom-")]
    assert (tmp_path / "new.bin").read_bytes() == make(TEXT.replace(b"0xf461", b"0xf4621"))
    assert image.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([image.name, "new.bin"])


def test_an_edit_and_its_opposite_give_the_same_bytes(image, tmp_path):
    before = image.read_bytes()
    assert run("edit", image, "--set", "BOOT_ORDER=0xf21", "--yes").returncode == 0
    assert image.read_bytes() != before
    assert run("edit", image, "--set=BOOT_ORDER=0xf461", "--yes").returncode == 0
    assert image.read_bytes() == before


def test_a_signature_has_sum_time_and_chip(image, tmp_path):
    sig = tmp_path / "pieeprom.sig"
    done = run("edit", image, "--boot-order=0xf21", "--timestamp", "1790000000", "--sig", sig, "--out",
               tmp_path / "pieeprom.upd")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "pieeprom.upd").read_bytes()
    chip = "2711" if len(written) == eeprom_image.SIZE_2711 else "2712"
    assert sig.read_text() == f"{hashlib.sha256(written).hexdigest()}\nts: 1790000000\ntarget-soc: {chip}\n"
    assert written.count(struct.pack("<LL", ~1790000000 & 0xFFFFFFFF, 1790000000)) == \
        (2 if "two-partitions" in image.name else 1)
    assert run("verify", tmp_path / "pieeprom.upd", "--sig", sig).returncode == 0
    other = run("verify", image, "--sig", sig)
    assert other.returncode == 1 and "their SHA-256 differ" in other.stderr


def test_a_file_that_is_there_is_replaced_only_by_yes(image, tmp_path):
    before = image.read_bytes()
    for words in ([], ["--out", tmp_path / "there"]):
        (tmp_path / "there").write_text("mine")
        done = run("edit", image, "--boot-order", "network", *words)
        assert done.returncode == 1
        assert "say --yes beforehand" in done.stderr
        assert image.read_bytes() == before and (tmp_path / "there").read_text() == "mine"
    image.chmod(0o640)
    assert run("edit", image, "--boot-order", "network", "--yes").returncode == 0
    assert image.read_bytes() != before
    assert stat.S_IMODE(image.stat().st_mode) == 0o640


def test_a_link_stays_a_link(image, tmp_path):
    (tmp_path / "link").symlink_to(image.name)
    before = image.read_bytes()
    assert run("edit", tmp_path / "link", "--boot-order", "network", "--yes").returncode == 0
    assert (tmp_path / "link").is_symlink() and image.read_bytes() != before


@pytest.mark.parametrize("out", ["missing/new.bin", "folder"])
def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(image, tmp_path, out):
    (tmp_path / "folder").mkdir()
    done = run("edit", image, "--boot-order", "network", "--out", tmp_path / out, "--yes")
    assert done.returncode == 1 and out in done.stderr
    assert sorted(file.name for file in tmp_path.rglob("*")) == sorted(["folder", image.name])


def test_a_configuration_that_is_too_long_is_refused(image, tmp_path):
    before = image.read_bytes()
    (tmp_path / "long.txt").write_text("#" * 4077)
    done = run("edit", image, "--config", tmp_path / "long.txt", "--yes")
    assert done.returncode == 1
    assert "has 4077 bytes, and this image has room for 4076" in done.stderr
    assert image.read_bytes() == before


def test_a_short_configuration_is_warned_of(image, tmp_path):
    (tmp_path / "short.txt").write_text("BOOT_ORDER=0xf21\n")
    done = run("edit", image, "--config", tmp_path / "short.txt", "--yes")
    assert done.returncode == 0 and "fewer than three lines" in done.stdout


def test_an_image_that_its_owner_has_signed_is_refused(image):
    make = SHAPES[image.stem.removeprefix("pieeprom-")]
    image.write_bytes(make(TEXT + b"SIGNED_BOOT=1\n"))
    before = image.read_bytes()
    done = run("edit", image, "--boot-order", "network", "--yes")
    assert done.returncode == 1 and "is signed by an owner" in done.stderr
    assert image.read_bytes() == before
    assert "by an owner: its configuration says SIGNED_BOOT" in run("show", image).stdout


def test_damage_is_found_and_its_place_is_named(image):
    whole = run("verify", image)
    assert whole.returncode == 0 and whole.stdout.endswith(" 0 damaged\n")
    content = bytearray(image.read_bytes())
    content[content.index(b"mainmain")] ^= 1
    image.write_bytes(content)
    damaged = run("verify", image)
    assert damaged.returncode == 1
    assert "bootmain          DAMAGED      what is packed is not of the SHA-256 behind it" in damaged.stdout
    image.write_bytes(content[:-1])
    assert "524288 or 2097152 bytes" in run("show", image).stderr
    content[:4] = b"MZ\0\0"
    image.write_bytes(content)
    assert "damaged at 0x0: no section begins there" in run("verify", image).stderr


def test_the_help_needs_no_build_and_has_every_option():
    done = subprocess.run([ROOT / "bootwire", "eeprom", "show", "--help"], text=True, capture_output=True)
    assert done.returncode == 0 and not done.stderr
    source = (ROOT / "src" / "card" / "eeprom_command" / "arguments.cpp").read_text()
    options = set(re.findall(r'"(--[a-z-]+)"', source))
    assert options and options <= set(re.findall(r"--[a-z-]+", done.stdout))


@pytest.mark.parametrize("words, why", [
    ([], "show, edit or verify?"),
    (["bless", "x"], "there is no bless"),
    (["show"], "which file?"),
    (["show", "a", "b"], "b is a second one"),
    (["show", "a", "--yes"], "there is no --yes here"),
    (["edit", "a"], "what is to be changed"),
    (["edit", "a", "--set", "BOOT_ORDER"], "--set wants KEY=VALUE"),
    (["edit", "a", "--out"], "--out wants a value"),
    (["edit", "a", "--boot-order", "network", "--sig", "a"], "two files"),
])
def test_wrong_words_are_named(words, why):
    done = run(*words)
    assert done.returncode == 2
    assert why in done.stderr and done.stderr.startswith("bootwire: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("words, why", [
    (["--set", "A B=1"], "is no setting of the bootloader"),
    (["--boot-order", "net"], "is no order of boot"),
    (["--boot-order", "0xf9"], "stands for nothing that is known"),
    (["--timestamp", "yesterday"], "is no time"),
    (["--config", "/nonexistent"], "cannot open /nonexistent"),
])
def test_wrong_values_are_named_and_nothing_is_written(image, words, why):
    before = image.read_bytes()
    done = run("edit", image, "--yes", *words)
    assert done.returncode == 1 and why in done.stderr
    assert image.read_bytes() == before
