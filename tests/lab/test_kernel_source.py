"""./bootwire build --kernel-source: kernel/build.sh on a small stand-in for somebody else's kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = "arch/arm64/boot/dts/broadcom"
# All that kernel/build.sh asks of make; allnoconfig takes what is asked for of the symbols that there are.
MAKEFILE = """
all Image:
\t@mkdir -p arch/arm64/boot && touch vmlinux.symvers
\t@cat usr/stand-in $(if $(wildcard bootwire/initramfs.cpio),bootwire/initramfs.cpio) >arch/arm64/boot/Image
run-command:
\t@echo vc4 net/vc4.ko net/vc4.c
%.o %.ko:
\t@aarch64-linux-gnu-gcc -c -x c usr/module -o $@
allnoconfig:
\t@grep -f symbols $(KCONFIG_ALLCONFIG) >.config
%.dtb:
\t@echo tree >arch/arm64/boot/dts/$@
mrproper:
\t@rm -rf .config include/generated
"""
ARCHIVER = r"""
#include <stdio.h>
int main(int count, char** words) { /* gen_init_cpio -t TIME LIST */
    FILE* list = fopen(words[count - 1], "r");
    for (int byte; (byte = getc(list)) != EOF;) putchar(byte);
    return 0;
}
"""


def fragments() -> list[str]:
    return [line.split("=")[0] for file in sorted((ROOT / "kernel").glob("*.config"))
            for line in file.read_text().splitlines() if line.startswith("CONFIG_")]


def wanted(symbol: str) -> bool:
    """Symbols that the stand-in has: all of ours but three."""
    return symbol not in ("CONFIG_MISC_RP1", "CONFIG_SETUP_MAX_CPUS", "CONFIG_MACB")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    tree = tmp_path_factory.mktemp("kernel") / "linux"
    for folder in (TREES, "usr", "scripts/dtc", "net"):
        (tree / folder).mkdir(parents=True)
    (tree / "Makefile").write_text(MAKEFILE)
    (tree / "usr" / "gen_init_cpio.c").write_text(ARCHIVER)
    (tree / "usr" / "stand-in").write_text("a kernel\n")
    (tree / "usr" / "module").write_text(
        'static const char info[] __attribute__((used, section(".modinfo"))) = "depends=";\n')
    (tree / "scripts" / "dtc" / "dtc").symlink_to(shutil.which("dtc") or "dtc")
    symbols = [symbol for symbol in fragments() if wanted(symbol)]
    (tree / "Kconfig").write_text("".join(f"config {symbol.removeprefix('CONFIG_')}\n\tbool\n" for symbol in symbols))
    (tree / "arch" / "arm64" / "Kconfig").write_text("menuconfig MACB\n\tbool\n")  # there, and out of reach
    (tree / "symbols").write_text("".join(f"^{symbol}=\n" for symbol in symbols))
    (tree / TREES / "Makefile").write_text("")
    for name in ("bcm2710-rpi-3-b", "bcm2711-rpi-4-b", "bcm2712-rpi-5-b", "bcm2712-rpi-500", "bcm7445-set-top-box"):
        (tree / TREES / f"{name}.dts").write_text("")
    (tree / ".config").write_text("CONFIG_OF_SOMEBODY=y\n")  # left by a build of its owner's
    return tree


@pytest.fixture(scope="module")
def build(source):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BOOTWIRE_CACHE": str(source.parent / "cache"), "BOOTWIRE_JOBS": "1",
                       "BOOTWIRE_KERNEL_SOURCE": str(source)}
        return subprocess.run([ROOT / "kernel" / "build.sh", *words], env=environment, text=True, capture_output=True)

    return run


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
