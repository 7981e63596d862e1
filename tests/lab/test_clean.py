"""./bootwire clean removes what ./bootwire made, wherever BOOTWIRE_CACHE points."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = tmp_path / "home" / "checkout"
    copy.mkdir(parents=True)
    shutil.copy(ROOT / "bootwire", copy)
    for folder in ("tools", "kernel", "tests/lab"):
        shutil.copytree(ROOT / folder, copy / folder)
    return copy


def run(checkout: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(checkout.parent), **variables}
    return subprocess.run(
        [checkout / "bootwire", *words], text=True, capture_output=True, cwd=checkout, env=environment
    )


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


def old_cache(folder: Path) -> Path:
    """As it was made before there was a mark."""
    for file in ("debs/.lock", "debs/x_1_all.deb", "disks/tiny-0123456789ab.img", "kernel/83f415e1-ca18f4f7.lock",
                 "sysroot/bookworm/usr/x", "ccache/0/x", "fuzz/dns.log", "tests/durations.json", "apt/trixie-arm64/x"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("")
    return folder


@pytest.mark.parametrize("verb", ["--all", "--disks", "--kernel"])
@pytest.mark.parametrize("where", ["checkout", "home", "above", "foreign"])
def test_nothing_of_others_is_removed(checkout, verb, where):
    foreign = checkout.parent / "work"
    for file in ("kernel/Makefile", "disks/holiday.img", "notes.txt"):
        (foreign / file).parent.mkdir(parents=True, exist_ok=True)
        (foreign / file).write_text("")
    cache = {"checkout": checkout, "home": checkout.parent, "above": checkout.parents[1], "foreign": foreign}[where]
    before = files(checkout.parent)
    done = run(checkout, "clean", verb, BOOTWIRE_CACHE=str(cache))
    assert done.returncode == 1, done.stderr
    assert str(cache) in done.stderr and "set BOOTWIRE_CACHE to a folder" in done.stderr
    assert files(checkout.parent) == before


@pytest.mark.parametrize("file", ["kernel/Makefile", "disks/holiday.img", "debs/readme", "apt/sources.list", "other/x"])
def test_a_folder_with_one_foreign_part_is_no_cache(checkout, tmp_path, file):
    cache = old_cache(tmp_path / "cache")
    shutil.rmtree(cache / file.split("/")[0], ignore_errors=True)
    (cache / file).parent.mkdir()
    (cache / file).write_text("")
    before = files(cache)
    assert run(checkout, "clean", "--all", BOOTWIRE_CACHE=str(cache)).returncode == 1
    assert files(cache) == before


def test_a_cache_without_a_mark_is_known_by_what_is_in_it(checkout, tmp_path):
    cache = old_cache(tmp_path / "cache")
    done = run(checkout, "clean", "--all", BOOTWIRE_CACHE=str(cache))
    assert done.returncode == 0, done.stderr
    assert not cache.exists()


def test_a_marked_cache_keeps_what_somebody_else_put_into_it(checkout, tmp_path):
    cache = old_cache(tmp_path / "cache")
    (cache / ".made-by-bootwire").write_text("")
    (cache / "notes.txt").write_text("")
    assert run(checkout, "clean", "--all", BOOTWIRE_CACHE=str(cache)).returncode == 0
    assert files(cache) == ["notes.txt"]


def make_cache(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    script = '. tools/common.sh; need_room 1 "the test"'
    environment = {"PATH": os.environ["PATH"], "HOME": str(checkout.parent), **variables}
    return subprocess.run(
        ["sh", "-euc", script, str(checkout / "tools" / "x.sh")], text=True, capture_output=True, cwd=checkout,
        env={name: value for name, value in environment.items() if value},
    )


def test_a_cache_is_marked_when_it_is_made(checkout):
    assert make_cache(checkout).returncode == 0
    assert files(checkout.parent / ".cache") == ["bootwire", "bootwire/.made-by-bootwire"]


def test_a_folder_with_other_things_does_not_become_a_cache(checkout):
    (checkout.parent / "notes.txt").write_text("")
    done = make_cache(checkout, BOOTWIRE_CACHE=str(checkout / "tools"))
    assert done.returncode == 1
    assert "was not made by ./bootwire" in done.stderr


def test_without_a_home_there_is_no_cache_that_anyone_may_write_to(checkout):
    for done in (run(checkout, "clean", "--list", HOME=""), make_cache(checkout, HOME="")):
        assert done.returncode == 1
        assert "there is no HOME" in done.stderr
