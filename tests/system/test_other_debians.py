"""Debian in 32 bit, under a GPT, and with each network manager: all leave the root disk reachable."""

from __future__ import annotations

import pytest
from writing import writing

BOOT_TIME = 1200  # under emulation on two busy cores; no test measures it


def boot(rack, image):
    rack.target(image)
    rack.serve()
    pi = rack.boot()
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    return pi


@pytest.mark.long  # a Debian more to be made; test_roots.py has a 32-bit root of Debian's that is made in seconds
def test_a_32_bit_debian_boots(rack, disk):
    pi = boot(rack, disk("debian-armhf"))
    assert pi.check("dpkg --print-architecture") == "armhf"
    assert pi.check("systemctl is-active multi-user.target") == "active"
    assert pi.check("systemctl --failed --no-legend --plain") == ""


EVENTS = ("udevadm trigger --subsystem-match=net --action=change", "udevadm trigger --subsystem-match=net --action=add", "udevadm settle")
# What an administrator does with each network manager, or a package's update; by exit status it may fail.
MANAGERS = {
    "debian-gpt": (),
    "debian-nm": (
        "systemctl restart NetworkManager.service", "nmcli networking off", "nmcli networking on", "nmcli connection reload",
        "nmcli device reapply eth0", "nmcli device disconnect eth0",
    ),
    "debian-networkd": (
        "systemctl restart systemd-networkd.service", "networkctl reload", "networkctl reconfigure eth0", "networkctl renew eth0",
        "systemctl restart systemd-resolved.service",
    ),
    "debian-dhcpcd": ("systemctl restart dhcpcd.service", "dhcpcd --rebind", "dhcpcd --release eth0", "systemctl restart dhcpcd.service"),
    "debian-ifupdown": ("systemctl restart networking.service", "ifdown -a; ifup -a", "ifdown --force eth0; ifup eth0"),
}
WAITERS = {
    "debian-nm": "NetworkManager-wait-online.service",
    "debian-networkd": "systemd-networkd-wait-online.service",
    "debian-ifupdown": "ifupdown-wait-online.service",
}


def network(pi) -> str:
    return pi.check("ip -4 -o address show dev eth0 scope global; ip -4 route show dev eth0; grep nameserver /etc/resolv.conf")


@pytest.mark.long
@pytest.mark.parametrize("name", MANAGERS)
def test_other_debians_boot_and_keep_their_disk(rack, disk, name):
    pi = boot(rack, disk(name))
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert pi.check("systemctl is-system-running") == "running"
    if name in WAITERS:
        # A program that had waited for its network to the end of its patience would have failed.
        assert pi.check(f"systemctl show -P Result {WAITERS[name]}") == "success"
        assert pi.check(f"systemctl is-active {WAITERS[name]}") == "active"
    before = network(pi)
    assert "10.77.0." in before
    with writing(pi):
        for command in (*MANAGERS[name], *EVENTS):
            pi.run(command, timeout=300)
    assert network(pi) == before
    assert pi.check("cat /sys/class/iscsi_session/session1/state") == "LOGGED_IN"
    assert pi.check("systemctl --failed --no-legend --plain") == ""
