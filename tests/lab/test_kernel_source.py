"""./bootwire build --kernel-source: kernel/build.sh on a small stand-in for somebody else's kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kernel_source import make_source, run_build


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return make_source(tmp_path_factory.mktemp("kernel") / "linux")


@pytest.fixture(scope="module")
def build(source) -> Callable:
    return partial(run_build, source)


@pytest.fixture(scope="module")
def built(build, source) -> tuple[Path, str]:
    """The folder of what was built, and what was said."""
    (source.parent / "init").write_text("init\n")
    before = sorted(str(path) for path in source.rglob("*"))
    done = build(str(source.parent / "init"), str(source.parent / "out"))
    assert done.returncode == 0, done.stderr
    assert sorted(str(path) for path in source.rglob("*")) == before
    return source.parent / "out", done.stderr


def test_another_kernel_is_built_with_the_device_trees_that_it_has_and_none_of_ours(built):
    out, _ = built
    assert (out / "Image.gz").exists()
    assert {file.stem: file.read_text() for file in (out / "dtbs").iterdir()} == dict.fromkeys(
        ("bcm2710-rpi-3-b", "bcm2711-rpi-4-b", "bcm2712-rpi-5-b", "bcm2712-rpi-500"), "tree\n")


def test_symbols_modules_and_patches_that_it_has_not_are_named(built):
    said = built[1]
    missing = next(line for line in said.splitlines() if "that tree has no CONFIG" in line)
    names = missing.removeprefix("kernel: that tree has no ").split()
    assert sorted(names) == ["CONFIG_MISC_RP1", "CONFIG_SETUP_MAX_CPUS"]
    assert "kernel: wanted CONFIG_MACB=y, got # CONFIG_MACB is not set" in said
    assert "kernel: that tree has no module btrfs" in said and "no module vc4" not in said
    assert "0001-spin-table-late-release.patch does not apply and is left out" in said


def test_they_are_named_again_when_nothing_is_compiled(build, built):
    said = build(str(built[0].parent / "init"), str(built[0])).stderr
    assert "that tree has no CONFIG_" in said and "configuring" not in said


def test_what_its_owner_has_built_is_not_taken_along(build, built, source):
    tree = Path(build("--tree").stdout.strip())
    assert "SOMEBODY" not in (tree / ".config").read_text()
    assert "SOMEBODY" in (source / ".config").read_text()


def test_a_changed_source_is_another_tree(build, built, source):
    first = build("--tree").stdout
    (source / "net" / "new.c").write_text("")
    assert build("--tree").stdout != first


def test_a_folder_that_is_no_kernel_is_named(build, source):
    (source / "Kconfig").unlink()
    done = build("--tree")
    assert done.returncode == 1
    assert "is no kernel's source with arm64 in it: there is no Kconfig" in done.stderr
