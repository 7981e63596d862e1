"""What ./bootwire installs is what its table says."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rows() -> list[list[str]]:
    lines = (ROOT / "tools" / "packages.txt").read_text().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


def test_every_package_is_listed_as_the_table_has_it():
    """Alternatives by release too, of which this machine has one or none; a window is for who asks for it."""
    done = subprocess.run([ROOT / "bootwire", "setup", "--list"], text=True, capture_output=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [row[1] for row in rows() if row[0] != "window"]


def test_one_purpose_gets_its_own_packages_only():
    done = subprocess.run([ROOT / "bootwire", "setup", "--list", "disks"], text=True, capture_output=True, check=True)
    own = [row[1] for row in rows() if "disks" in row[0].split(",")]
    assert own and [line.split()[0] for line in done.stdout.splitlines()] == own
