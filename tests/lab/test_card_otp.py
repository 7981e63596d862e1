"""./bootwire sdcard --otp: whom the card changes, that it wants a yes, and that the card says so itself."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lab import config_txt
from lab.boards import REAL
from tools.card import content, device, image, otp, release, sdcard, tftp
from tools.card.errors import CardError

SERIAL = "10000000a0770042"
KEY = "program_usb_boot_mode"


def text(sources: content.Sources, name: str, bit_of: str) -> str:
    return image.read(sdcard.files(sources, [], None, bit_of)[name]).decode()


@pytest.mark.parametrize("name", REAL)
def test_the_bit_is_set_on_a_3b_and_on_no_other_board(card_sources, name):
    said = config_txt.parse(text(card_sources, "config.txt", "3b"), REAL[name].filters, SERIAL)
    assert said.settings.pop(KEY, "") == ("1" if name == "3B" else "")
    assert not said.warnings
    without = config_txt.parse(text(card_sources, "config.txt", ""), REAL[name].filters, SERIAL)
    assert KEY not in without.settings
    assert (said.settings, said.overlays) == (without.settings, without.overlays)


def test_a_filter_by_type_replaces_one_by_model_and_is_undone_by_all():
    page = "[pi4]\na=1\n[board-type=0x08]\nb=1\n[board-type=8]\nc=1\n[board-type=0x0d]\nd=1\n[all]\ne=1\n"
    assert set(config_txt.parse(page, ("pi3", "board-type=0x08"), SERIAL).settings) == {"b", "c", "e"}


def test_the_cards_readme_says_it_with_how_to_see_it_and_how_to_take_it_out(card_sources):
    said = text(card_sources, "README.txt", "3b")
    for word in ("cannot be undone", "vcgencmd otp_dump | grep 17:", "17:3020000a", "17:1020000a",
                 "bootwirectl hardware-report | grep 'boot ROM'",
                 "    [board-type=0x08]\r\n    program_usb_boot_mode=1\r\n", "take these lines out of config.txt"):
        assert word in said
    assert "otp" not in text(card_sources, "README.txt", "").lower()


def test_the_lines_that_the_readme_names_are_those_that_do_it(card_sources):
    """Taken out, the card changes nothing any more."""
    lines = text(card_sources, "config.txt", "3b").splitlines()
    lines.remove("[board-type=0x08]")
    lines.remove("program_usb_boot_mode=1")
    for board in REAL.values():
        assert config_txt.parse("\n".join(lines), board.filters, SERIAL) == config_txt.parse(
            text(card_sources, "config.txt", ""), board.filters, SERIAL)


def test_config_txt_stays_within_what_the_firmware_reads_of_a_line(card_sources):
    for line in text(card_sources, "config.txt", "3b").splitlines():
        assert line.startswith("#") or len(line) <= config_txt.MAX_LINE


@pytest.mark.parametrize("word", ["4b", "3b+", "3", "0x08", "all", "zero2w"])
def test_another_board_is_refused_with_the_reason(word):
    with pytest.raises(CardError, match=r"there is no --otp .*: only a Pi 3B .*3B\+ comes with it set.*EEPROM"):
        sdcard.main(["--otp", word])


class Typed(io.StringIO):
    """A terminal at which this is typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def card(card_sources, monkeypatch, tmp_path):
    """The config.txt of a card that is made with these words; "" if none is. typed: None without a terminal."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sdcard, "sources", lambda given: card_sources)
    monkeypatch.setattr(content, "ROOT", tmp_path)

    def make(typed: str | None, *words: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("yes\n") if typed is None else Typed(typed))
        made: list[image.Files] = []

        def write(found: image.Files, out: Path, private: bool) -> int:
            made.append({str(out): b"", **found})
            return 0

        monkeypatch.setattr(image, "write", write)
        assert sdcard.main(["--otp", "3B", "--eeprom", "none", *words]) == 0
        assert str(tmp_path / "out" / "sdcard-otp-3b.img") in made[0] or "--out" in words
        return image.read(made[0]["config.txt"]).decode()

    return make


def test_a_person_is_told_that_it_cannot_be_undone_and_has_to_type_yes(card, capsys):
    assert KEY in card("yes\n")
    said = capsys.readouterr().err
    assert "cannot be undone" in said and "--bootcode" in said
    for typed in ("y\n", "no\n", "\n", "", "3b\n"):
        with pytest.raises(CardError, match="nothing was made; ./bootwire sdcard --bootcode"):
            card(typed)


def test_without_a_terminal_it_wants_to_be_said_beforehand(card, monkeypatch, capsys):
    with pytest.raises(CardError, match="nobody is there to say yes to --otp 3b, which cannot be undone: --yes"):
        card(None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(CardError, match="nobody is there"):
        card("yes\n")
    assert KEY in card(None, "--yes", "--out", "x.img")
    assert "is changed for ever" in capsys.readouterr().err


def test_what_is_written_to_a_disk_is_that_card_and_the_yes_comes_before(card, monkeypatch, tmp_path):
    burnt: list[Path] = []
    monkeypatch.setattr(device, "examine", lambda path, size: None)

    def burn(made: Path, disk: object, yes: bool) -> int:
        burnt.append(made)
        return 0

    monkeypatch.setattr(sdcard, "_burn", burn)
    with pytest.raises(CardError, match="nothing was made"):
        card("no\n", "--device", "/dev/sdx")
    assert not burnt
    assert KEY in card("yes\n", "--device", "/dev/sdx")
    assert burnt == [tmp_path / "out" / "sdcard-otp-3b.img"]


def test_it_is_not_together_with_bootcode_alone(capsys):
    with pytest.raises(SystemExit):
        sdcard.main(["--bootcode", "--otp", "3b"])
    assert "say one of them" in capsys.readouterr().err


@pytest.mark.parametrize("command, words, why", [(tftp.main, ["root"], "every Pi on the network reads these files"),
                                                 (release.main, [], "for people who were not asked")])
def test_trees_and_releases_never_have_it_and_say_why(command, words, why, capsys):
    for more in (["--otp", "3b"], ["--otp"]):
        with pytest.raises(SystemExit) as ended:
            command([*words, *more])
        said = capsys.readouterr().err
        assert ended.value.code == 2 and why in said and "./bootwire sdcard" in said and said.count("\n") == 1


def test_the_types_are_those_of_the_boards_that_are_named():
    assert [f"board-type=0x{kind:02x}" in REAL[name.upper()].filters for name, kind in otp.BOARDS.items()] == [True]
