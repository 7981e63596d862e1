"""What ./bootwire demo starts when little is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab import demo  # noqa: E402


@pytest.mark.parametrize("words, board", [
    ([], "raspi3b"),
    (["--mode", "kexec"], "virt"),
    (["--mode", "usb"], "virt"),
    (["--screen"], "virt"),
    (["--board", "virt"], "virt"),
])
def test_the_board_is_one_that_can_do_it(words, board):
    assert demo.arguments(["--disk", "any", *words]).board == board


@pytest.mark.parametrize("words", [["--mode", "kexec"], ["--screen"]])
def test_a_board_that_cannot_do_it_is_refused_with_the_reason(words, capsys):
    with pytest.raises(SystemExit):
        demo.arguments(["--disk", "any", "--board", "raspi3b", *words])
    assert "use --board virt" in capsys.readouterr().err
