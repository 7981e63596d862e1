"""./bootwire sdcard: what is on the card, judged by the programs that others read cards with."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from lab import config_txt
from lab.boards import REAL
from lab.firmware import CardSource, Firmware
from tools.card import content, image, sdcard, settings
from tools.card.errors import CardError

ROOT = Path(__file__).resolve().parents[2]
SERIAL = "10000000a0770042"


def made(sources: content.Sources, out: Path, *words: str) -> Path:
    said = settings.parse(list(words))
    image.write(sdcard.files(sources, said), out, settings.has_secret(said))
    return out


def on(card: Path) -> str:
    """Its partition, for mtools."""
    return f"{card}@@{image.FIRST}"


def fsck(card: Path) -> subprocess.CompletedProcess[str]:
    part = card.with_suffix(".fat")
    with card.open("rb") as source, part.open("wb") as target:
        source.seek(image.FIRST)
        for at in range(image.FIRST, card.stat().st_size, 1 << 20):
            block = source.read(1 << 20)
            if block.count(0) != len(block):
                target.seek(at - image.FIRST)
                target.write(block)
        target.truncate(card.stat().st_size - image.FIRST)
    return subprocess.run(["fsck.fat", "-n", "-v", part], capture_output=True, text=True)


def unpacked(card: Path, folder: Path) -> Path:
    """As mtools reads it."""
    folder.mkdir()
    subprocess.run(["mcopy", "-s", "-n", "-i", on(card), "::*", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def card(shared_card_sources, tmp_path_factory) -> Path:
    """One for all that only look at it."""
    return made(shared_card_sources, tmp_path_factory.mktemp("made") / "card.img")


@pytest.fixture(scope="module")
def files(card) -> Path:
    return unpacked(card, card.parent / "files")


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_every_file_of_the_table_is_on_the_card_byte_for_byte(files, shared_card_sources):
    for item in content.TABLE:
        source = shared_card_sources.folder(item.origin) / item.source
        if not item.optional:
            assert (files / item.name).read_bytes() == source.read_bytes(), item.name
    beside = {name for name in names(files) if not name.startswith("licences/")} - {item.name for item in content.TABLE}
    assert beside == {"README.txt", "bootwire.txt"}


def test_fsck_sfdisk_and_the_size_of_clusters_agree_with_it(card):
    size = card.stat().st_size
    assert size % 512 == 0 and size & (size - 1) == 0
    table = json.loads(subprocess.run(["sfdisk", "-J", card], check=True, capture_output=True).stdout)["partitiontable"]
    assert table["label"] == "dos" and len(table["partitions"]) == 1
    part = table["partitions"][0]
    assert (part["start"] * 512, part["size"] * 512, part["type"]) == (image.FIRST, size - image.FIRST, "c")
    assert subprocess.run(["sfdisk", "-V", card], capture_output=True).returncode == 0
    checked = fsck(card)
    assert checked.returncode == 0, checked.stdout
    assert "32 bit entries" in checked.stdout and "512 bytes per cluster" in checked.stdout
    clusters = next(int(line.split()[0]) for line in checked.stdout.splitlines() if "data clusters" in line)
    assert clusters >= 65525
    label = subprocess.run(["mlabel", "-s", "-i", on(card), "::"], capture_output=True, text=True).stdout
    assert "BOOTWIRE" in label


def test_two_runs_give_the_same_bytes_whenever_and_wherever_they_are(card_sources, tmp_path, monkeypatch):
    first = made(card_sources, tmp_path / "first.img").read_bytes()
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".mtoolsrc").write_text("mtools_lower_case=1\nmtools_name_numeric_tail=0\n")
    time.tzset()
    os.utime(card_sources.build / "Image.gz")
    time.sleep(2.1)  # the unit in which FAT counts
    old = os.umask(0o077)
    try:
        assert made(card_sources, tmp_path / "second.img").read_bytes() == first
    finally:
        os.umask(old)
        monkeypatch.undo()
        time.tzset()


def test_a_card_grows_with_what_is_on_it(card_sources, tmp_path):
    with (card_sources.build / "modules.sqfs").open("wb") as file:
        file.truncate(60 << 20)
    card = made(card_sources, tmp_path / "card.img")
    assert card.stat().st_size == 128 << 20
    assert fsck(card).returncode == 0


def test_what_is_missing_is_named_and_an_older_card_stays(card_sources, tmp_path):
    card = made(card_sources, tmp_path / "card.img")
    before = card.read_bytes()
    (card_sources.build / "dtbs" / "bcm2711-rpi-400.dtb").unlink()
    with pytest.raises(CardError, match=r"bcm2711-rpi-400.dtb is missing: ./bootwire build"):
        made(card_sources, card)
    assert card.read_bytes() == before and not list(tmp_path.glob(".card-*"))


@pytest.mark.parametrize("name", REAL)
def test_each_boards_firmware_finds_on_it_all_that_it_asks_for(files, tmp_path, name):
    boot = Firmware(REAL[name], SERIAL, CardSource(files), tmp_path / "fetched").run()
    assert not boot.missing and not boot.warnings
    assert (boot.kernel, boot.tree) == ("Image.gz", REAL[name].compatible_tree)


def test_settings_are_in_bootwire_txt_for_every_editor_and_a_secret_is_the_makers_alone(card_sources, tmp_path):
    card = made(card_sources, tmp_path / "card.img", "iscsi.ip=192.168.1.10", "iscsi.password=two words")
    text = (unpacked(card, tmp_path / "files") / "bootwire.txt").read_bytes()
    lines = text.decode().split("\r\n")
    assert "\n" not in text.decode().replace("\r\n", "")
    assert [line for line in lines if line and not line.startswith("#")] == ["iscsi.ip=192.168.1.10",
                                                                             'iscsi.password="two words"']
    assert "#iscsi.target=iqn.2024-01.lan.home:pi4-root" in lines
    assert stat.S_IMODE(card.stat().st_mode) == 0o600
    assert stat.S_IMODE(made(card_sources, card, "iscsi.ip=10.0.0.1").stat().st_mode) & 0o077


def test_the_readme_names_every_file_and_the_gap(files):
    text = (files / "README.txt").read_text()
    assert all(name in text for name in names(files) if not name.startswith("licences/"))
    assert "CM0" in text and "%" not in text


def test_licences_and_the_source_of_every_part_are_on_the_card(files):
    files = files / "licences"
    assert (files / "raspi-firmware.txt").read_text() == "the notice of raspi-firmware\n"
    assert {"Apache-2.0.txt", "GPL-2.txt", "SOURCES.txt", "nettle.txt", "zlib1g.txt"} <= set(names(files))
    told = (files / "SOURCES.txt").read_text()
    assert "raspi-firmware 1.2+ds-3" in told and "linux-source-7.3 " in told and "nettle-dev 3.8.1-2 (bookworm)" in told


def test_a_firmware_without_its_notice_is_not_passed_on(card_sources, tmp_path):
    (card_sources.firmware / "usr/share/doc/raspi-firmware/copyright").unlink()
    with pytest.raises(CardError, match="may not be passed on"):
        made(card_sources, tmp_path / "card.img")


def test_a_card_for_a_3b_has_bootcode_bin_and_nothing_that_would_be_started_instead(card_sources, tmp_path):
    image.write(sdcard.bootcode_files(card_sources), tmp_path / "card.img")
    there = names(unpacked(tmp_path / "card.img", tmp_path / "files"))
    assert there == ["README.txt", "bootcode.bin", "licences/SOURCES.txt", "licences/raspi-firmware.txt"]


def test_no_line_of_config_txt_is_longer_than_the_firmware_reads():
    for line in (content.WRITTEN / "tftp" / "config.txt").read_text().splitlines():
        assert line.startswith("#") or len(line) <= config_txt.MAX_LINE


@pytest.mark.parametrize("word, why", [
    ("iscsi.targte=iqn.x:y", r"did you mean iscsi.target="),
    ("iscsi.ip", "wants KEY=VALUE"),
    ("init=/bin/sh", "there is no setting init="),
    ("bootwire.keep=card", "there is no setting"),
    ('iscsi.username=a"b', "has a quote"),
    ("iscsi.username=a\nb", "control character"),
])
def test_a_setting_that_is_none_is_refused_with_the_reason(word, why):
    with pytest.raises(CardError, match=why):
        settings.parse([word])


def test_later_settings_replace_earlier_ones_but_where_several_count():
    words = ["iscsi.ip=a", "iscsi.header_digest=None", "iscsi.header-digest=CRC32C", "iscsi.ip=b"]
    assert settings.parse(words) == [("iscsi.ip", "a"), ("iscsi.header_digest", "CRC32C"), ("iscsi.ip", "b")]


def test_the_command_takes_paths_as_its_caller_means_them(card_sources, tmp_path):
    done = subprocess.run([ROOT / "bootwire", "sdcard", "--build", "out", "--firmware", card_sources.firmware.name,
                           "--set", "iscsi.ip=10.0.0.1", "--out", "new/card.img"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "new/card.img: 64 MiB" in done.stderr and (tmp_path / "new/card.img").stat().st_size == 64 << 20
