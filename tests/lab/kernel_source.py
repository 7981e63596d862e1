"""A small stand-in for a kernel's source: what kernel/build.sh asks of make, and a few modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREES = "arch/arm64/boot/dts/broadcom"
# allnoconfig takes what is asked for of the symbols that there are.
MAKEFILE = """
modules := net/vc4 net/snd net/wire drivers/dummy_hcd
all Image:
\t@mkdir -p arch/arm64/boot include/config && touch vmlinux.symvers modules.builtin modules.builtin.modinfo
\t@echo 7.3.0-bootwire$(LOCALVERSION) >include/config/kernel.release
\t@cat usr/stand-in $(if $(wildcard bootwire/initramfs.cpio),bootwire/initramfs.cpio) >arch/arm64/boot/Image
run-command:
\t@printf '%s\\n' $(foreach m,$(modules),"$(notdir $m) $m.ko $m.c")
%.o %.ko: %.c
\t@aarch64-linux-gnu-gcc -c -o $@ $<
modules: $(modules:=.ko)
\t@printf '%s\\n' $(modules:=.o) >modules.order
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
MODULE = """
#define EXPORT_SYMBOL_GPL(name) extern int exported_##name
static const char info[] __attribute__((used, section(".modinfo"))) = "depends={depends}";
"""


def fragments() -> list[str]:
    return [line.split("=")[0] for file in sorted((ROOT / "kernel").glob("*.config"))
            for line in file.read_text().splitlines() if line.startswith("CONFIG_")]


def wanted(symbol: str) -> bool:
    """Symbols that the stand-in has: all of ours but three."""
    return symbol not in ("CONFIG_MISC_RP1", "CONFIG_SETUP_MAX_CPUS", "CONFIG_MACB")


def make_source(tree: Path) -> Path:
    for folder in (TREES, "usr", "scripts/dtc", "net", "drivers"):
        (tree / folder).mkdir(parents=True)
    (tree / "Makefile").write_text(MAKEFILE)
    (tree / "usr" / "gen_init_cpio.c").write_text(ARCHIVER)
    (tree / "usr" / "stand-in").write_text("a kernel\n")
    # vc4 is in kernel/initramfs-modules and needs snd; wire is for nobody's boot; dummy_hcd is the lab's.
    (tree / "net" / "vc4.c").write_text(
        MODULE.format(depends="snd") + "int snd_open(void);\nint vc4(void) { return snd_open(); }\n")
    (tree / "net" / "snd.c").write_text(
        MODULE.format(depends="") + "int snd_open(void) { return 0; }\nEXPORT_SYMBOL_GPL(snd_open);\n")
    (tree / "net" / "wire.c").write_text(MODULE.format(depends=""))
    (tree / "drivers" / "dummy_hcd.c").write_text(MODULE.format(depends=""))
    (tree / "drivers" / "Makefile").write_text("obj-$(CONFIG_USB_DUMMY_HCD)\t+= dummy_hcd.o\n")
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


def run_build(source: Path, *words: str | Path, cache: str = "cache") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BOOTWIRE_CACHE": str(source.parent / cache), "BOOTWIRE_JOBS": "1",
                   "BOOTWIRE_KERNEL_SOURCE": str(source)}
    return subprocess.run([ROOT / "kernel" / "build.sh", *words], env=environment, text=True, capture_output=True)
