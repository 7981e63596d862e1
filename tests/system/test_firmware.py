"""The stand-in for the firmware: what it asks for, in which order, and how it reads config.txt.

No machine is started here; DHCP and TFTP are real.
"""

from __future__ import annotations

import pytest

from lab import config_txt, device_tree, tftp_root
from lab.boards import BOARDS
from lab.errors import LabError

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
    assert root[0] == prefix + "start.elf" and "Image.gz" in root
    tftp_root.make(rack.out, rack.root / prefix)
    own = asked(pi.fetch())
    assert prefix + "Image.gz" in own and "Image.gz" not in own


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
    ("bcm2712-rpi-5-b", "bootwire-pi5", "/axi/usb@1000480000"),
    ("bcm2712-d-rpi-5-b", "bootwire-pi5", "/axi/usb@1000480000"),
    ("bcm2711-rpi-cm4-io", "dwc2", "/soc/usb@7e980000"),
    ("bcm2837-rpi-3-a-plus", "dwc2", "/soc/usb@7e980000"),
    ("bcm2837-rpi-zero-2-w", "dwc2", "/soc/usb@7e980000"),
]


@pytest.mark.parametrize("tree, overlay, port", DEVICE_PORTS)
def test_an_overlay_of_ours_makes_a_port_a_device(make_rack, tmp_path, tree, overlay, port):
    root = make_rack("raspi3b").root
    merged = tmp_path / "merged.dtb"
    merged.write_bytes((root / f"{tree}.dtb").read_bytes())
    assert device_tree.get_text(merged, port, "dr_mode") not in ("peripheral", "otg") or "zero" in tree
    device_tree.apply_overlay(merged, root / "overlays" / f"{overlay}.dtbo")
    assert device_tree.get_text(merged, port, "dr_mode") in ("peripheral", "otg")
    assert device_tree.get_text(merged, port, "compatible").split()[0].endswith("-usb")


def test_a_pi_5_asks_for_its_overlay_and_others_do_not(make_rack):
    config = (make_rack("raspi3b").root / "config.txt").read_text()
    assert parse(config, "pi5").overlays == [("bootwire-pi5", [])]
    assert parse(config, "pi4", "cm4").overlays == []
