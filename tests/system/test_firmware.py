"""The stand-in for the firmware: what it asks for, in which order, and how it reads config.txt.

No machine is started here; DHCP and TFTP are real.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import config_txt, device_tree, tftp_root
from lab.boards import BOARDS, REAL
from lab.bootloader import put_place
from lab.errors import LabError
from lab.firmware import OF_THE_ROM, CardSource, Firmware
from lab.processes import run

SERIAL = "10000000a0770042"
TREE = "bcm2837-rpi-3-b.dtb"


def asked(boot) -> list[str]:
    return [request.path for request in boot.requests]


def test_a_pi_3_asks_for_blobs_then_config_then_tree_then_command_line_then_kernel(make_rack):
    rack = make_rack("raspi3b")
    rack.serve()
    paths = asked(rack.pi().fetch())
    order = ["bootcode.bin", "start.elf", "config.txt", TREE, "cmdline.txt", "Image.gz"]
    assert [path for path in paths if path in order] == order


def test_the_serial_numbers_folder_is_asked_first_and_used_if_it_answers(make_rack):
    rack = make_rack("raspi3b")
    rack.serve()
    pi = rack.pi()
    root = asked(pi.fetch())
    prefix = pi.serial[-8:] + "/"
    assert root[:3] == ["bootcode.bin", "bootsig.bin", prefix + "start.elf"] and "Image.gz" in root
    tftp_root.make(rack.out, rack.root / prefix)
    own = asked(pi.fetch())
    assert prefix + "Image.gz" in own and "Image.gz" not in own
    assert prefix + "bootcode.bin" not in own, "the ROM knows of no folder"


@pytest.mark.parametrize("name", ["3B", "4B", "5", "CM5"])
def test_below_the_serial_number_a_pi_asks_for_its_start_file_and_a_pi_5_which_has_none_for_config_txt(
        make_rack, tmp_path, name):
    boot = Firmware(REAL[name], SERIAL, CardSource(make_rack("raspi3b").root), tmp_path / "fetched").run()
    first = {"3B": "start.elf", "4B": "start4.elf"}.get(name, "config.txt")
    below = [path for path in asked(boot) if path not in OF_THE_ROM]  # which knows of no folder
    assert below[0] == f"{SERIAL[-8:]}/{first}"
    assert any(path.endswith(".elf") for path in asked(boot)) == (name in ("3B", "4B"))


def test_what_only_a_real_pi_needs_is_reported_and_not_required(make_rack):
    rack = make_rack("raspi3b")
    rack.serve()
    absent = [name for name in ("bootcode.bin", "start.elf", "fixup.dat") if not (rack.root / name).exists()]
    assert rack.pi().fetch().missing == absent


def test_a_pi_3_ignores_an_offer_that_is_not_marked_for_it(make_rack):
    rack = make_rack("raspi3b")
    rack.serve(network_boot=False)
    with pytest.raises(LabError, match="no server offers"):
        rack.pi().fetch(tries=1)


def test_a_missing_kernel_stops_the_firmware(make_rack):
    rack = make_rack("raspi3b")
    rack.serve()
    pi = rack.pi()
    (rack.root / "Image.gz").unlink()
    with pytest.raises(LabError, match="Image.gz"):
        pi.fetch()


def test_the_fetched_files_are_the_servers_byte_for_byte(make_rack):
    rack = make_rack("raspi3b")
    rack.serve()
    pi = rack.pi()
    boot = pi.fetch()
    for name in (boot.kernel, boot.tree, "config.txt"):
        assert (pi.directory / "fetched" / name).read_bytes() == (rack.root / name).read_bytes()


def parse(text: str, *models: str) -> config_txt.Config:
    return config_txt.parse(text, models, SERIAL)


@pytest.mark.parametrize(
    "text, value",
    [
        ("kernel=a", "a"),
        ("kernel=a\n[pi4]\nkernel=b", "a"),
        ("kernel=a\n[pi3]\nkernel=b", "b"),
        ("[pi4]\n[pi3]\nkernel=b", "b"),
        ("[none]\nkernel=a\n[pi3]\nkernel=b", ""),
        ("[none]\nkernel=a\n[all]\nkernel=b", "b"),
        ("[0xa0770042]\nkernel=b", "b"),
        ("[0xa0770043]\nkernel=b", ""),
        ("[pi4]\n[0xa0770042]\nkernel=b", ""),
        ("[tryboot]\nkernel=b\n[all]\n#kernel=c", ""),
    ],
)
def test_filters_of_config_txt(text, value):
    assert parse(text, "pi3").get("kernel") == value


def test_overlays_take_the_parameters_that_follow_them():
    config = parse("dtoverlay=dwc2,dr_mode=host\ndtoverlay=uart\ndtparam=a=1,b=2", "pi3")
    assert config.overlays == [("dwc2", ["dr_mode=host"]), ("uart", ["a=1", "b=2"])]


@pytest.mark.parametrize("model", ["pi3", "pi4", "pi5"])
def test_our_own_config_txt_starts_our_kernel_on_every_model(model):
    config = parse((tftp_root.TEMPLATES / "config.txt").read_text(), model)
    assert config.get("kernel") == "Image.gz"
    assert config.flag("arm_64bit") and config.flag("enable_uart")
    assert config.flag("upstream_kernel") and not config.flag("os_check", default=True)
    assert not config.warnings


def test_the_command_line_names_the_serial_port_last_so_that_it_is_the_console():
    line = (tftp_root.TEMPLATES / "cmdline.txt").read_text().split()
    consoles = [word.split("=")[1].split(",")[0] for word in line if word.startswith("console=")]
    assert consoles[0] == "tty1" and consoles[-1] == BOARDS["raspi3b"].console


# Which trees of ours get which overlay, and what is there afterwards.
DEVICE_PORTS = [
    ("bcm2712-rpi-5-b", "bootwire-pi5", "/axi/usb-on-demand/usb@1000480000"),
    ("bcm2712-d-rpi-5-b", "bootwire-pi5", "/axi/usb-on-demand/usb@1000480000"),
    ("bcm2712-rpi-500", "bootwire-pi5", "/axi/usb-on-demand/usb@1000480000"),
    ("bcm2712-rpi-cm5-cm5io", "bootwire-pi5", "/axi/usb-on-demand/usb@1000480000"),
    ("bcm2712-rpi-cm5l-cm5io", "bootwire-pi5", "/axi/usb-on-demand/usb@1000480000"),
    ("bcm2711-rpi-cm4-io", "dwc2", "/soc/usb@7e980000"),
    ("bcm2711-rpi-cm4s", "dwc2", "/soc/usb@7e980000"),
    ("bcm2837-rpi-3-a-plus", "dwc2", "/soc/usb@7e980000"),
    ("bcm2837-rpi-zero-2-w", "dwc2", "/soc/usb@7e980000"),
]


@pytest.mark.parametrize("tree, overlay, port", DEVICE_PORTS)
def test_an_overlay_of_ours_makes_a_port_a_device(make_rack, tmp_path, tree, overlay, port):
    out = make_rack("raspi3b").out
    merged = tmp_path / "merged.dtb"
    merged.write_bytes((out / "dtbs" / f"{tree}.dtb").read_bytes())
    before = device_tree.get_text(merged, port, "dr_mode")
    assert before not in ("peripheral", "otg") or tree in ("bcm2837-rpi-zero-2-w", "bcm2711-rpi-cm4s")
    device_tree.apply_overlay(merged, out / "overlays" / f"{overlay}.dtbo")
    assert device_tree.get_text(merged, port, "dr_mode") in ("peripheral", "otg")
    assert device_tree.get_text(merged, port, "compatible").split()[0].endswith("-usb")


def test_a_pi_5_asks_for_its_overlay_and_others_do_not(make_rack):
    config = (make_rack("raspi3b").root / "config.txt").read_text()
    assert parse(config, "pi5").overlays == [("bootwire-pi5", [])]
    assert parse(config, "pi4", "cm4").overlays == []


def words(tree: Path) -> str:
    return run("dtc", "-q", "-s", "-I", "dtb", "-O", "dts", str(tree))


@pytest.mark.parametrize("board", ["5-b", "cm5-cm5io", "cm5l-cm5io"])
def test_the_overlay_for_the_d0_stepping_makes_the_d0_tree_that_kexec_compares_with(make_rack, tmp_path, board):
    """Of a Pi 5's tree that of Linux; both with what its bootloader fills in."""
    out = make_rack("raspi3b").out
    merged = tmp_path / "merged.dtb"
    merged.write_bytes((out / "dtbs" / f"bcm2712-rpi-{board}.dtb").read_bytes())
    assert words(merged) != words(out / "dtbs" / f"bcm2712-d-rpi-{board}.dtb")
    device_tree.apply_overlay(merged, out / "overlays" / "bcm2712d0.dtbo")
    assert words(merged) == words(out / "dtbs" / f"bcm2712-d-rpi-{board}.dtb")


EEPROM_TREES = ["bcm2711-rpi-4-b", "bcm2711-rpi-400", "bcm2711-rpi-cm4-io", "bcm2711-rpi-cm4s", "bcm2712-rpi-5-b",
                "bcm2712-d-rpi-5-b", "bcm2712-rpi-500", "bcm2712-rpi-cm5-cm5io", "bcm2712-d-rpi-cm5-cm5io",
                "bcm2712-rpi-cm5l-cm5io", "bcm2712-d-rpi-cm5l-cm5io"]


@pytest.mark.parametrize("tree", EEPROM_TREES)
def test_the_bootloader_finds_where_to_say_what_its_configuration_is(make_rack, tmp_path, tree):
    filled = tmp_path / "filled.dtb"
    filled.write_bytes((make_rack("raspi3b").out / "dtbs" / f"{tree}.dtb").read_bytes())
    node = device_tree.get_text(filled, "/aliases", "blconfig")
    kinds = device_tree.get_text(filled, node, "compatible").split()
    assert kinds == ["raspberrypi,bootloader-config", "nvmem-rmem"]
    assert device_tree.get_text(filled, node, "status") == "disabled"
    length = len(device_tree.get_cells(filled, node, "reg"))
    put_place(filled, "blconfig", 0x3FD16300, 0x38)
    assert device_tree.get_text(filled, node, "status") == "okay"
    # What the kernel wants of reserved memory: as many cells as the root has.
    cells = sum(device_tree.get_cells(filled, "/", f"#{name}-cells")[0] for name in ("address", "size"))
    place = device_tree.get_cells(filled, node, "reg")
    assert len(place) == cells == length
    assert [cell for cell in place if cell] == [0x3FD16300, 0x38]


@pytest.mark.parametrize("tree", [tree for tree in EEPROM_TREES if "2712" in tree])
def test_a_pi_5s_firmware_finds_where_its_radios_addresses_go(make_rack, tree):
    file = make_rack("raspi3b").out / "dtbs" / f"{tree}.dtb"
    for alias, kind, name in (("wifi0", "brcm,bcm4329-fmac", "local-mac-address"),
                              ("bluetooth", "brcm,bcm43438-bt", "local-bd-address")):
        node = device_tree.get_text(file, "/aliases", alias)
        assert device_tree.get_text(file, node, "compatible") == kind
        assert device_tree.get_cells(file, node, name) == [0] * 6


def test_the_d0_overlay_changes_nothing_about_a_500_which_has_that_stepping_already(make_rack, tmp_path):
    root = make_rack("raspi3b").root
    merged = tmp_path / "merged.dtb"
    merged.write_bytes((root / "bcm2712-rpi-500.dtb").read_bytes())
    device_tree.apply_overlay(merged, root / "overlays" / "bcm2712d0.dtbo")
    assert words(merged) == words(root / "bcm2712-rpi-500.dtb")


@pytest.mark.parametrize("name", REAL)
def test_the_firmware_of_each_board_finds_kernel_tree_and_overlays(make_rack, tmp_path, name):
    board = REAL[name]
    boot = Firmware(board, SERIAL, CardSource(make_rack("raspi3b").root), tmp_path / "fetched").run()
    assert boot.kernel == "Image.gz" and not boot.warnings
    assert boot.tree == board.compatible_tree
    tree = tmp_path / "fetched" / boot.tree
    for overlay in boot.overlays:
        device_tree.apply_overlay(tree, tmp_path / "fetched" / overlay)
    assert ("overlays/bootwire-pi5.dtbo" in boot.overlays) == ("pi5" in board.filters)


def test_a_d0_pi_5_asks_for_the_first_steppings_tree_and_then_for_the_overlay(make_rack, tmp_path):
    boot = Firmware(REAL["5 (D0)"], SERIAL, CardSource(make_rack("raspi3b").root), tmp_path / "fetched").run()
    paths = asked(boot)
    assert "bcm2712d0-rpi-5-b.dtb" not in paths
    assert paths.index("bcm2712-rpi-5-b.dtb") < paths.index("overlays/bcm2712d0.dtbo")


@pytest.mark.parametrize("tree", ["bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus", "bcm2837-rpi-3-a-plus",
                                  "bcm2837-rpi-zero-2-w", "bcm2711-rpi-4-b", "bcm2711-rpi-cm4-io"])
def test_miniuart_bt_puts_the_full_uart_on_the_header(make_rack, tmp_path, tree):
    out = make_rack("raspi3b").out
    merged = tmp_path / "merged.dtb"
    merged.write_bytes((out / "dtbs" / f"{tree}.dtb").read_bytes())
    device_tree.apply_overlay(merged, out / "overlays" / "miniuart-bt.dtbo")
    pins = device_tree.get_text(merged, "/__symbols__", "uart0_gpio14")
    uart = device_tree.get_text(merged, "/aliases", "serial0")
    assert device_tree.get_cells(merged, uart, "pinctrl-0") == device_tree.get_cells(merged, pins, "phandle")
    assert device_tree.get_text(merged, f"{uart}/bluetooth", "status") == "disabled"


def test_only_a_cm5_with_emmc_has_its_fixed_voltage(make_rack):
    root = make_rack("raspi3b").root
    kinds = {name: device_tree.get_text(root / f"bcm2712-rpi-{name}.dtb", "/sd-io-1v8-reg", "compatible")
             for name in ("5-b", "500", "cm5-cm5io", "cm5l-cm5io")}
    assert kinds == {"5-b": "regulator-gpio", "500": "regulator-gpio",
                     "cm5-cm5io": "regulator-fixed", "cm5l-cm5io": "regulator-gpio"}
