"""Debian in 32 bit, under a GPT, and with each network manager: all leave the root disk reachable."""

from __future__ import annotations

import pytest

BOOT_TIME = 1200  # under emulation on two busy cores; no test measures it


def boot(rack, image):
    rack.target(image)
    rack.serve()
    pi = rack.boot()
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    return pi


def test_a_32_bit_debian_boots(rack, disk):
    pi = boot(rack, disk("debian-armhf"))
    assert pi.check("dpkg --print-architecture") == "armhf"
    assert pi.check("systemctl is-active multi-user.target") == "active"
    assert pi.check("systemctl --failed --no-legend --plain") == ""


@pytest.mark.long
@pytest.mark.parametrize("name", ["debian-gpt", "debian-nm", "debian-networkd", "debian-dhcpcd", "debian-ifupdown"])
def test_other_debians_boot_and_keep_their_disk(rack, disk, name):
    pi = boot(rack, disk(name))
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    pi.check("echo still here >/root/written && sync")
    assert "10.77.0." in pi.check("ip -4 -br address show scope global")
