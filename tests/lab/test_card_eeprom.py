"""./bootwire sdcard --eeprom: which bootloaders go onto a card."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest
from eeprom_image import image_2711
from eeprom_server import make_copy

from tools.card import eeprom, image, locked, sdcard
from tools.card.errors import CardError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_copy(tmp_path / "rpi-eeprom")


def test_the_newest_default_image_for_each_chip_with_what_flashes_it(repository):
    assert sorted(eeprom.files(repository)) == [
        "eeprom/firmware-2711/default/pieeprom-2026-05-17.bin", "eeprom/firmware-2711/default/recovery.bin",
        "eeprom/firmware-2712/default/pieeprom-2026-05-26.bin", "eeprom/firmware-2712/default/recovery.bin",
        "licences/rpi-eeprom.txt",
    ]


def test_images_for_single_boards_as_well(repository):
    own = repository / "firmware-2711" / "default-c03111"
    own.mkdir()
    (own / "pieeprom-2024-01-01.bin").write_bytes(image_2711())
    (own / "recovery.bin").write_bytes(b"recovery")
    assert "eeprom/firmware-2711/default-c03111/pieeprom-2024-01-01.bin" in eeprom.files(repository)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(CardError, match="copy of the repository"):
        eeprom.files(tmp_path)
    with pytest.raises(CardError, match="copy of the repository"):
        eeprom.files(tmp_path / "nowhere")


def test_an_image_of_another_size_and_one_without_recovery_are_refused(repository):
    (repository / "firmware-2711" / "default" / "recovery.bin").unlink()
    with pytest.raises(CardError, match="recovery.bin"):
        eeprom.files(repository)
    (repository / "firmware-2711" / "default" / "pieeprom-2026-05-17.bin").write_bytes(b"cut off")
    with pytest.raises(CardError, match="7 bytes"):
        eeprom.files(repository)


def test_bootloaders_without_their_licence_are_not_passed_on(repository):
    (repository / "LICENSE").unlink()
    with pytest.raises(CardError, match="LICENSE is missing.*may not be passed on"):
        eeprom.files(repository)


def test_they_are_on_the_card_where_the_pi_looks(repository, card_sources, tmp_path):
    card = tmp_path / "card.img"
    found = sdcard.files(card_sources, [], eeprom.files(repository))
    assert image.write(found, card) == card.stat().st_size
    assert image.read(found["eeprom/firmware-2712/default/recovery.bin"]).startswith(b"recovery 2712")


def test_readme_and_list_of_sources_tell_of_them_and_of_nothing_that_is_not_there(repository, card_sources):
    found = sdcard.files(card_sources, [], eeprom.files(repository))
    told = image.read(found["licences/SOURCES.txt"]).decode()
    assert "rpi-eeprom.txt" in told and "firmware-2712/default/pieeprom-2026-05-26.bin" in told
    assert "raspi-firmware" in told
    assert "bootwire.boot_order=" in image.read(found["README.txt"]).decode()
    without = sdcard.files(card_sources, [])
    assert "rpi-eeprom" not in image.read(without["licences/SOURCES.txt"]).decode()
    assert "eeprom" not in image.read(without["README.txt"]).decode()


class Typed(io.StringIO):
    """A terminal at which this is typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def offer(monkeypatch):
    """What comes of the offer, given what is typed; None: there is no terminal."""
    monkeypatch.setattr(eeprom, "downloaded", lambda: {"eeprom/it": b""})
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv(locked.MIRROR, raising=False)

    def make(typed: str | None, *words: str) -> object:
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n") if typed is None else Typed(typed))
        monkeypatch.setattr(sdcard, "sources", lambda given: None)
        monkeypatch.setattr(sdcard, "files", lambda sources, said, bootloaders, bit_of: bootloaders)
        made: list[object] = []

        def write(found: object, out: Path, private: bool) -> int:
            made.append(found)
            return 0

        monkeypatch.setattr(image, "write", write)
        assert sdcard.main(["--out", "x", *words]) == 0
        return made[0]

    return make


@pytest.mark.parametrize("typed, downloads", [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False),
                                              ("what?\n", False), ("", False)])
def test_a_person_at_a_terminal_is_told_what_it_is_and_a_yes_downloads_it(offer, capsys, typed, downloads, tmp_path,
                                                                          monkeypatch):
    monkeypatch.setenv("BOOTWIRE_CACHE", str(tmp_path))
    assert bool(offer(typed)) == downloads
    said = capsys.readouterr().err
    of = locked.release()
    for word in (f"{of.size / 1e6:.1f} MB from", "raw.githubusercontent.com", of.commit[:12], "SHA-256", "proprietary",
                 "boot order", "firmware-2711/default/pieeprom-", "firmware-2712/default/pieeprom-"):
        assert word in said


def test_nobody_is_asked_without_a_terminal_in_ci_or_if_it_was_answered_beforehand(offer, capsys, monkeypatch):
    assert offer(None) == {}
    assert "--eeprom download adds them" in capsys.readouterr().err
    assert offer("y\n", "--yes") == {}
    assert offer("y\n", "--eeprom", "none") == {}
    assert offer(None, "--eeprom", "download") == {"eeprom/it": b""}
    monkeypatch.setenv("CI", "true")
    assert offer("y\n") == {}
    assert "[y/N]" not in capsys.readouterr().err


def test_a_folder_is_taken_as_it_is_named(offer, repository, monkeypatch, tmp_path):
    assert offer(None, "--eeprom", str(repository)) == eeprom.files(repository)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CardError, match="download has no firmware-2711/default"):
        offer(None, "--eeprom", "./download")


def test_a_card_for_a_3b_alone_is_not_offered_any(capsys):
    for words in (["--eeprom", "download"], ["--eeprom", "DIR"]):
        with pytest.raises(SystemExit):
            sdcard.main(["--bootcode", *words])
        assert "has no EEPROM" in capsys.readouterr().err


def test_at_a_real_terminal_the_question_is_asked_before_anything_is_made(card_sources, tmp_path):
    ours, theirs = os.openpty()
    os.write(ours, b"\n")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run([ROOT / "bootwire", "sdcard", "--build", card_sources.build, "--firmware",
                           card_sources.firmware, "--out", tmp_path / "card.img"], stdin=theirs, capture_output=True,
                          text=True, env={**environment, "BOOTWIRE_CACHE": str(tmp_path / "cache")})
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    assert done.stderr.index("Download and add them? [y/N] ") < done.stderr.index("card.img: 64 MiB")
    assert not (tmp_path / "cache").exists()
