"""What ./bootwire demo starts when little is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab import demo  # noqa: E402
from lab.errors import LabError  # noqa: E402
from lab.servers import copy_disk  # noqa: E402


@pytest.mark.parametrize("words, board", [
    ([], "raspi3b"),
    (["--mode", "kexec"], "virt"),
    (["--mode", "usb"], "virt"),
    (["--screen"], "virt"),
    (["--board", "virt"], "virt"),
])
def test_the_board_is_one_that_can_do_it(words, board):
    assert demo.arguments(["--check", *words]).board == board


@pytest.mark.parametrize("words", [["--mode", "kexec"], ["--screen"]])
def test_a_board_that_cannot_do_it_is_refused_with_the_reason(words, capsys):
    with pytest.raises(SystemExit):
        demo.arguments(["--check", "--board", "raspi3b", *words])
    assert "use --board virt" in capsys.readouterr().err


def test_a_disk_is_looked_for_where_the_caller_is_and_missed_before_anything_is_built(tmp_path):
    demo_sh = ["sh", str(ROOT / "tools" / "demo.sh")]
    missing = subprocess.run([*demo_sh, "--disk", "there.img"], cwd=tmp_path, capture_output=True, text=True)
    assert missing.returncode == 2
    assert f"{tmp_path}/there.img is no disk image" in missing.stderr
    wrong = subprocess.run([*demo_sh, "--bord", "virt"], cwd=tmp_path, capture_output=True, text=True)
    assert wrong.returncode == 2 and "--bord" in wrong.stderr


def test_nothing_stays_of_a_copy_that_fails(tmp_path):
    image = tmp_path / "disk.img"
    image.write_bytes(b"x")
    with pytest.raises(LabError):
        copy_disk(tmp_path / "not-there.img", tmp_path / "copy.img")
    with pytest.raises(LabError):
        copy_disk(tmp_path, tmp_path / "copy.img")
    assert sorted(tmp_path.iterdir()) == [image]
