"""lab/hardware's readers: device trees made by dtc, ELF files made by gcc, what a kernel's build leaves."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.hardware import drivers, fdt  # noqa: E402
from lab.hardware.elf import Elf  # noqa: E402
from lab.hardware.errors import HardwareError  # noqa: E402

TREE = """/dts-v1/;
/ {
    compatible = "maker,board", "maker,chip";
    aliases { ethernet0 = &net; };
    clock: clock { #clock-cells = <1>; };
    bus { status = "disabled"; net: ethernet@7f { reg = <0x7f>; clocks = <&clock 3>; }; };
};
"""
TABLES = """
struct of_device_id { char name[32], type[32], compatible[128]; const void* data; };
#define PLACED(section_name) __attribute__((used, aligned(8), section(section_name))) static const struct of_device_id
#define EARLY(table, text) \\
    PLACED(#table) __of_table_##table = {.compatible = text}; PLACED(#table "_end") table##_last = {};
EARLY(__clk_of_table, "fixed-clock")
EARLY(__irqchip_of_table, "arm,gic-400")
EARLY(__timer_of_table, "arm,armv8-timer")
EARLY(__reservedmem_of_table, "shared-dma-pool")
__attribute__((used)) static const struct of_device_id pins_match[] = {
    {.compatible = "maker,pins", .data = pins_match}, {.name = "pins", .compatible = "maker,pins-2"}, {}};
__attribute__((used)) static const struct of_device_id without_an_end[] = {
    {.compatible = "maker,no"}, {.compatible = "maker,end"}};
__attribute__((used)) static const char text[400] = "no table of anything, although its size would be that of one";
__attribute__((used)) static int watch_driver = 1;
int _start;
"""
LINKER = """SECTIONS {
  . = 0x10000;
  .tables : {
    __clk_of_table = .; KEEP(*(__clk_of_table)) KEEP(*(__clk_of_table_end))
    __irqchip_of_table = .; KEEP(*(__irqchip_of_table)) KEEP(*(__irqchip_of_table_end))
    __timer_of_table = .; KEEP(*(__timer_of_table)) KEEP(*(__timer_of_table_end))
    __reservedmem_of_table = .; KEEP(*(__reservedmem_of_table)) KEEP(*(__reservedmem_of_table_end))
  }
  .rodata : { *(.rodata*) }
  .data : { *(.data*) }
}
"""


def compile_tree(text: str) -> bytes:
    return subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb"], input=text.encode(), capture_output=True,
                          check=True).stdout


@pytest.fixture(scope="module")
def vmlinux(tmp_path_factory) -> bytes:
    """Tables as a kernel has them. Any 64-bit little-endian machine's will do."""
    folder = tmp_path_factory.mktemp("elf")
    (folder / "tables.c").write_text(TABLES)
    (folder / "tables.lds").write_text(LINKER)
    subprocess.run(["gcc", "-nostdlib", "-static", "-no-pie", "-O0", "-Wl,--build-id=none", "-T", "tables.lds",
                    "-o", "vmlinux", "tables.c"], cwd=folder, check=True, capture_output=True)
    return (folder / "vmlinux").read_bytes()


def test_nodes_properties_and_aliases_of_a_tree_are_read():
    tree = fdt.parse(compile_tree(TREE))
    assert tree.root.texts("compatible") == ["maker,board", "maker,chip"]
    node = tree.alias("ethernet0")
    assert node is not None and node.path == "/bus/ethernet@7f"
    assert node.cell("reg", 0) == 0x7F
    phandle, number = node.cells("clocks")
    assert tree.by_phandle(phandle) is tree.find("/clock") and number == 3


def test_a_node_below_a_disabled_one_is_disabled():
    tree = fdt.parse(compile_tree(TREE))
    node = tree.alias("ethernet0")
    assert node is not None and not node.enabled
    assert fdt.parse(compile_tree(TREE.replace("disabled", "okay"))).root.children[-2].children[0].enabled


def test_no_cut_or_damaged_tree_is_more_than_a_sentence():
    blob = compile_tree(TREE)
    for length in range(0, len(blob), 3):
        with pytest.raises(HardwareError):
            fdt.parse(blob[:length])
    dice = random.Random(1)
    for _ in range(2000):
        damaged = bytearray(blob)
        for _ in range(3):
            damaged[dice.randrange(len(blob))] = dice.randrange(256)
        try:
            fdt.parse(bytes(damaged))
        except HardwareError:
            pass


def test_nodes_within_nodes_have_an_end():
    deep = "/dts-v1/;\n/ {" + "n {" * fdt.DEEPEST + "};" * fdt.DEEPEST + "};"
    with pytest.raises(HardwareError, match="within each other"):
        fdt.parse(compile_tree(deep))


def test_the_early_tables_of_a_kernel_are_read_up_to_their_empty_entry(vmlinux):
    elf = Elf(vmlinux)
    assert {kind: elf.table(name) for kind, name in drivers.EARLY.items()} == {
        "clock": ["fixed-clock"], "interrupt controller": ["arm,gic-400"], "timer": ["arm,armv8-timer"],
        "reserved memory": ["shared-dma-pool"]}
    assert elf.table("__cpu_method_of_table") == []


def test_match_tables_are_told_from_other_objects_by_their_content(vmlinux):
    tables = {name: texts for name, texts in Elf(vmlinux).match_tables() if not name.startswith("__of_table_")}
    assert tables == {"pins_match": ["maker,pins", "maker,pins-2"]}


def test_no_cut_or_damaged_kernel_is_more_than_a_sentence(vmlinux):
    dice = random.Random(1)
    for number in range(300):
        damaged = bytearray(vmlinux[: dice.randrange(len(vmlinux))] if number % 2 else vmlinux)
        for _ in range(8):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            elf = Elf(bytes(damaged))
            elf.table("__clk_of_table")
            list(elf.match_tables())
        except HardwareError:
            pass


@pytest.fixture(scope="module")
def module(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("module")
    (folder / "tables.c").write_text(TABLES.replace("maker,pins", "maker,component"))
    subprocess.run(["gcc", "-c", "-O0", "-o", "tables.ko", "tables.c"], cwd=folder, check=True, capture_output=True)
    return (folder / "tables.ko").read_bytes()


@pytest.fixture
def built(tmp_path, vmlinux, module) -> Path:
    """A kernel's build tree, as far as it is looked at."""
    (tmp_path / "drm").mkdir()
    (tmp_path / "drm" / "screen.ko").write_bytes(module)
    (tmp_path / "bootwire" / "modules").mkdir(parents=True)
    (tmp_path / "vmlinux").write_bytes(vmlinux)
    (tmp_path / "modules.builtin.modinfo").write_bytes(
        b"mail.license=GPL\0mail.alias=of:N*T*Cmaker,mail\0mail.alias=of:N*T*Cmaker,mailC*\0"
        b"wire.alias=mdio:0110????\0wire.alias=platform:wire\0")
    (tmp_path / "bootwire" / "modules" / "index").write_text(
        "screen: sound\nsound:\nalias of:N*T*Cmaker,screenC* screen\nalias fs-ext4 sound\n")
    (tmp_path / "bootwire" / "modules.list").write_text("screen drm/screen.ko screen: sound\n")
    return tmp_path


def test_a_kernel_knows_devices_by_alias_early_table_and_match_table(built):
    known = drivers.Catalogue(drivers.from_text(drivers.to_text(drivers.read_tree(built))))
    expected = {"maker,mail": "built-in", "maker,screen": "module", "fixed-clock": "clock", "maker,pins-2": "table",
                "maker,component": "module", "maker,nothing": None, "maker,no": None}
    assert {text: getattr(known.for_compatible(text), "kind", None) for text in expected} == expected
    assert known.for_modalias("mdio:01101111") and not known.for_modalias("mdio:11101111")
    assert known.has_symbol("watch_driver") and not known.has_symbol("other_driver")


def test_what_is_missing_of_a_build_is_named(built):
    (built / "modules.builtin.modinfo").unlink()
    with pytest.raises(HardwareError, match="modules.builtin.modinfo: No such file"):
        drivers.read_tree(built)
    (built / "vmlinux").write_text("text")
    with pytest.raises(HardwareError, match="vmlinux: no 64-bit little-endian ELF file"):
        drivers.read_tree(built)
