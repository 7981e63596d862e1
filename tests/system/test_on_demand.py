"""A USB port that nobody has seen work: it is looked at when mode usb or the help disk wants it, and not before.

Its node lies in QEMU's flash memory, where the driver finds no such port; that it says so shows that it looked."""

from __future__ import annotations

import subprocess

import phrases
import pytest

PORT = """
/dts-v1/;
/plugin/;
/ {
    fragment@0 {
        target-path = "/";
        __overlay__ {
            usb-on-demand {
                compatible = "bootwire,on-demand";
                #address-cells = <2>;
                #size-cells = <2>;
                ranges;
                usb@4000000 {
                    compatible = "brcm,bcm2835-usb";
                    reg = <0 0x4000000 0 0x10000>;
                    dr_mode = "peripheral";
                };
            };
        };
    };
};
"""
TRYING = "trying the USB port /usb-on-demand, which nobody has seen work"
LOOKED = "Bad value for GSNPSID"
NO_PORT = "this board has no USB port that can show a disk"


@pytest.fixture
def with_port(rack, disk):
    overlays = rack.root / "overlays"
    overlays.mkdir(exist_ok=True)
    compile_it = ["dtc", "-q", "-o", str(overlays / "port.dtbo"), "-"]
    subprocess.run(compile_it, input=PORT, text=True, check=True)
    with (rack.root / "config.txt").open("a") as config:
        config.write("\n[all]\ndtoverlay=port\n")
    rack.target(disk("tiny"))
    rack.serve()
    return rack


def test_a_boot_that_needs_no_port_does_not_touch_it(with_port):
    pi = with_port.boot()
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    log = pi.check("dmesg")
    assert LOOKED not in log and TRYING not in log
    assert pi.run("ls /sys/bus/platform/devices | grep 4000000").output == ""
    report = pi.check("/run/bootwire/bootwirectl hardware-report")
    assert "ability USB device: not looked at" in report


def test_mode_usb_looks_at_it_once(with_port):
    pi = with_port.boot("iscsi.mode=usb", "bootwire.help=off")
    pi.console.expect(TRYING, 120)
    pi.console.expect(LOOKED, 30)
    for _ in range(2):
        pi.console.expect(NO_PORT, 60)
    assert pi.console.text.count(TRYING) == 1


@pytest.mark.parametrize("wanted", [True, False], ids=["wanted", "not wanted"])
def test_a_boot_that_fails_looks_at_it_if_the_help_disk_is_wanted(with_port, wanted):
    with_port.tgt.kill()
    pi = with_port.boot(f"bootwire.help={'on' if wanted else 'off'}")
    if wanted:
        pi.console.expect(TRYING, 120)
        pi.console.expect(LOOKED, 30)
        return
    for _ in range(2):
        pi.console.expect(phrases.FAILED, 120)
    assert not pi.console.seen(TRYING) and not pi.console.seen(LOOKED)
