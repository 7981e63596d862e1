"""lab/hardware's check, on boards of a few nodes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.hardware import boards, drivers, fdt, reports  # noqa: E402
from lab.hardware.boards import Board, Chip  # noqa: E402
from lab.hardware.check import Check, Verdict  # noqa: E402
from lab.hardware.errors import HardwareError  # noqa: E402
from lab.hardware.page import page  # noqa: E402
from lab.hardware.survey import survey  # noqa: E402

PHY = Chip("the PHY", "mdio:0110", "Ethernet")
SMALL = Board("small", "small", ("pi4",), ("USB device", "EEPROM"), (PHY,))
TREE = """/dts-v1/;
/ {
    compatible = "maker,board";
    interrupt-parent = <&gic>;
    aliases { ethernet0 = &net; };
    gic: interrupt-controller { compatible = "maker,gic"; interrupt-controller; #interrupt-cells = <1>; };
    clocks: clock { compatible = "maker,clock"; #clock-cells = <1>; };
    power: regulator-3v3 { compatible = "regulator-fixed"; };
    bus {
        compatible = "simple-bus";
        pins: pinctrl { compatible = "maker,pins"; rgmii: rgmii-pins { pins = "a"; }; };
        net: ethernet { compatible = "maker,net-v2", "maker,net"; interrupts = <4>; clocks = <&clocks 1>, <&clocks 2>;
            pinctrl-0 = <&rgmii>; mdio { phy { phy-supply = <&power>; }; }; };
        wlan { compatible = "brcm,bcm4329-fmac"; };
        hdmi { compatible = "brcm,bcm2711-hdmi0"; };
    };
};
"""
HAS = ("maker,gic", "maker,clock", "regulator-fixed", "maker,pins", "maker,net", "brcm,bcm2711-hdmi0")


def compile_tree(text: str) -> bytes:
    return subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb"], input=text.encode(), capture_output=True,
                          check=True).stdout


def kernel(*without: str, extra: tuple[drivers.Driver, ...] = ()) -> list[drivers.Driver]:
    known = [drivers.Driver("built-in", "x", f"of:N*T*C{text}") for text in HAS if text not in without]
    if "mdio" not in without:
        known.append(drivers.Driver("built-in", "phy", "mdio:011?"))
    return [*known, *extra]


def check(text: str = TREE, known: list[drivers.Driver] | None = None, board: Board = SMALL) -> Verdict:
    return Check(board, fdt.parse(compile_tree(text)), drivers.Catalogue(kernel() if known is None else known)).run()


def said(verdict: Verdict) -> list[str]:
    return sorted({str(finding) for finding in verdict.findings})


def test_a_board_whose_drivers_are_all_there_passes():
    verdict = check()
    assert said(verdict) == []
    assert verdict.abilities == {"boot": "", "Ethernet": "", "Wi-Fi": "no driver", "HDMI": ""}


def test_a_missing_driver_is_named_with_board_node_and_compatible():
    verdict = check(known=kernel("maker,net"))
    assert said(verdict) == ["small: /bus/ethernet: no driver for maker,net-v2"]
    assert verdict.abilities["Ethernet"] == verdict.abilities["boot"] == "no driver"
    assert verdict.abilities["HDMI"] == ""


@pytest.mark.parametrize("lost, ability", [
    ("maker,clock", "Ethernet"), ("regulator-fixed", "Ethernet"), ("maker,pins", "Ethernet"), ("maker,gic", "Ethernet"),
    ("brcm,bcm2711-hdmi0", "HDMI"),
])
def test_whatever_an_ability_names_is_asked_for(lost, ability):
    verdict = check(known=kernel(lost))
    assert verdict.abilities[ability] == "no driver"
    assert f"no driver for {lost}" in said(verdict)[0]


def test_what_is_needed_only_by_another_node_says_by_which():
    # Left alone, nobody would miss the driver of a node that is not for booting.
    text = TREE.replace('"maker,clock"', '"brcm,bcm2835-pwm"')
    assert said(check(text)) == [
        "small: /clock: no driver for brcm,bcm2835-pwm; /bus/ethernet names it (clocks)"]
    assert said(check(text.replace("clocks = <&clocks 1>, <&clocks 2>;", ""))) == []


def test_a_provider_that_is_disabled_is_named():
    text = TREE.replace('"regulator-fixed";', '"regulator-fixed"; status = "disabled";')
    assert said(check(text)) == ["small: /regulator-3v3: is disabled; /bus/ethernet/mdio/phy names it (phy-supply)"]


def test_a_node_that_is_disabled_is_not_asked_for():
    assert said(check(TREE.replace('ethernet { comp', 'ethernet { status = "disabled"; comp'),
                      kernel("maker,net", "mdio"), Board("small", "small", (), ("Ethernet",)))) == []


def test_a_chip_that_is_found_without_the_tree_needs_its_driver_too():
    assert said(check(known=kernel("mdio"))) == ["small: the PHY: no driver for mdio:0110"]


def test_early_tables_and_match_tables_count_as_drivers():
    extra = (drivers.Driver("clock", "__clk_of_table", "maker,clock"), drivers.Driver("table", "pins", "maker,pins"))
    assert said(check(known=kernel("maker,clock", "maker,pins", extra=extra))) == []


def test_usb_and_pci_devices_are_found_by_their_numbers():
    text = TREE.replace("wlan {", 'dev@0 { compatible = "pci1de4,1"; }; hub@1 { compatible = "usb424,9514"; '
                        'port@1 { compatible = "usb424,ec00"; }; }; wlan {')
    assert said(check(text)) == [f"small: /bus/{node}" for node in (
        "dev@0: no driver for pci1de4,1", "hub@1/port@1: no driver for usb424,ec00",
        "hub@1: no driver for usb424,9514")]
    extra = tuple(drivers.Driver("built-in", "x", pattern) for pattern in (
        "pci:v00001DE4d00000001sv*sd*bc*sc*i*", "usb:v0424pEC00d*dc*dsc*dp*ic*isc*ip*in*",
        "usb:v*p*d*dc*dsc*dp*ic09isc*ip*in*"))
    assert said(check(text, kernel(extra=extra))) == []


def test_a_string_that_many_nodes_have_is_no_driver_of_theirs():
    text = TREE.replace('"maker,clock"', '"maker,clock", "simple-mfd", "syscon"')
    extra = tuple(drivers.Driver("table", "x", each) for each in ("simple-mfd", "syscon"))
    assert "/clock: no driver for maker,clock" in said(check(text, kernel("maker,clock", extra=extra)))[0]


def test_a_driver_that_matches_otherwise_is_looked_for_by_its_name():
    text = TREE.replace("wlan {", 'serial { compatible = "arm,pl011", "arm,primecell"; }; wlan {')
    assert said(check(text)) == ["small: /bus/serial: no driver for arm,pl011: the kernel has no pl011_driver"]
    assert said(check(text, kernel(extra=(drivers.Driver("symbol", "pl011_driver", ""),)))) == []


def test_a_reference_to_nothing_ends_the_check():
    for text, why in ((TREE.replace("<&clocks 1>, <&clocks 2>", "<0x99 1>"), "names a node that is not there"),
                      (TREE.replace("<&clocks 1>, <&clocks 2>", "<&rgmii 1>"), "which has no #clock-cells")):
        with pytest.raises(HardwareError, match=f"/bus/ethernet: clocks .*{why}"):
            check(text)


REPORT = "\n".join([reports.TITLE, "# …", "compatible: maker,board", "device: /a: x", "device: /b: y",
                    *(f"ability {each}: works" for each in boards.ABILITIES)]) + "\n"


def test_a_report_from_a_board_settles_its_row():
    tree = fdt.parse(compile_tree(TREE))
    report = reports.parse("report.txt", REPORT.replace("Wi-Fi: works", "Wi-Fi: present"))
    assert report.about(tree)
    assert not reports.parse("d0.txt", REPORT + "device: /p (brcm,bcm2712d0-pinctrl): y\n").about(tree)
    board = boards.BOARDS[0]  # a 3B, which has no USB device and no EEPROM
    text = page({board.name: check(board=board)}, {board.name: [report]})
    assert "Reports from real boards: 1." in text
    assert f"| {board.name} | **works** | **works** | there | – | **works** | – |\n" in text


def test_a_board_that_nobody_has_run_says_so():
    board = boards.BOARDS[1]
    text = page({board.name: check(known=kernel("brcm,bcm2711-hdmi0"), board=board)}, {})
    assert f"| {board.name} | checked | **no driver** | other image | – | **no driver** | – |\n" in text  # no LAN7515
    assert "| CM0 | no tree | – | no tree | no tree | no tree | – |\n" in text


@pytest.mark.parametrize("text, why", [
    ("", "does not begin with"), ("bootwire hardware report 2\n", "does not begin with"),
    (REPORT.replace("compatible", "incompatible"), "does not say 'compatible'"),
    (REPORT.replace("ability HDMI: works\n", ""), "does not say 'ability HDMI'"),
], ids=["empty", "another version", "no board", "an ability is missing"])
def test_a_file_that_is_no_whole_report_is_named(text, why):
    with pytest.raises(HardwareError, match=f"report.txt .*{why}"):
        reports.parse("report.txt", text)


@pytest.fixture
def build(tmp_path) -> Path:
    for folder in ("dtbs", "overlays", "reports"):
        (tmp_path / folder).mkdir()
    (tmp_path / "drivers.txt").write_text(drivers.to_text(kernel()))
    return tmp_path


def test_a_tree_that_no_board_has_is_named(build):
    (build / "dtbs" / "bcm2799-rpi-9.dtb").write_bytes(compile_tree(TREE))
    with pytest.raises(HardwareError, match="bcm2799-rpi-9.dtb is for no board"):
        survey(build, build / "reports")


def test_a_boards_tree_is_looked_at_with_the_overlays_that_it_gets(build):
    (build / "dtbs" / "bcm2712-rpi-5-b.dtb").write_bytes(compile_tree(TREE))
    with pytest.raises(HardwareError, match="config.txt asks for the overlay bootwire-pi5"):
        survey(build, build / "reports")
    (build / "overlays" / "bootwire-pi5.dtbo").write_bytes(compile_tree(
        '/dts-v1/; /plugin/; / { fragment@0 { target-path = "/bus"; __overlay__ { '
        'usb { compatible = "maker,usb"; }; }; }; };'))
    done = survey(build, build / "reports")
    assert "5: /bus/usb: no driver for maker,usb" in [str(finding) for finding in done.findings]
    assert "5 (D0)" not in done.verdicts  # neither its overlay nor its own tree is there


def test_a_build_without_its_list_of_drivers_says_who_makes_it(tmp_path):
    with pytest.raises(HardwareError, match="drivers.txt: No such file .* ./bootwire build makes it"):
        survey(tmp_path)
