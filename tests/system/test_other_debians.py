"""Debian in 32 bit, under a GPT, and with each network manager: all leave the root disk reachable to the end."""

from __future__ import annotations

import time

import pytest
from ending import check_poweroff, end
from image import Image
from workload import BOOT_TIME, Workload, boot_whole

from lab.dnsmasq import root_path
from lab.servers import TARGET


def boot(rack, image, name=""):
    rack.target(image)
    if name in OVERRIDDEN:
        unit, file, text = OVERRIDDEN[name]
        Image(rack.copies[0]).add(f"/etc/systemd/system/{unit}.d", file, text)
    rack.serve()
    return boot_whole(rack)


@pytest.mark.long  # a Debian more to be made; test_roots.py has a 32-bit root of Debian's that is made in seconds
def test_a_32_bit_debian_boots(rack, disk):
    pi = boot(rack, disk("debian-armhf"))
    assert pi.check("dpkg --print-architecture") == "armhf"
    assert pi.check("systemctl is-active multi-user.target") == "active"
    assert pi.check("systemctl --failed --no-legend --plain") == ""


EVENTS = ("udevadm trigger --subsystem-match=net --action=change",
          "udevadm trigger --subsystem-match=net --action=add", "udevadm settle")
# What an administrator does with each network manager, or a package's update; by exit status it may fail.
MANAGERS = {
    "debian-gpt": (),
    "debian-nm": (
        "systemctl restart NetworkManager.service", "nmcli networking off", "nmcli networking on",
        "nmcli connection reload", "nmcli device reapply eth0", "nmcli device disconnect eth0",
    ),
    "debian-networkd": (
        "systemctl restart systemd-networkd.service", "networkctl reload", "networkctl reconfigure eth0",
        "networkctl renew eth0", "systemctl restart systemd-resolved.service",
    ),
    "debian-12-networkd":
        ("systemctl restart systemd-networkd.service", "networkctl reload", "networkctl reconfigure eth0"),
    "debian-dhcpcd":
        ("systemctl restart dhcpcd.service", "dhcpcd --rebind", "dhcpcd --release eth0",
         "systemctl restart dhcpcd.service"),
    "debian-connman":
        ("systemctl restart connman.service", "connmanctl disable ethernet", "connmanctl enable ethernet",
         "connmanctl services"),
    "debian-ifupdown": (
        "systemctl restart networking.service", "ifdown -a; ifup -a", "ifdown --force eth0; ifup eth0",
        "systemctl restart resolvconf.service", "resolvconf -u",
    ),
}
WAITERS = {
    "debian-nm": "NetworkManager-wait-online.service",
    "debian-networkd": "systemd-networkd-wait-online.service",
    "debian-12-networkd": "systemd-networkd-wait-online.service",
    "debian-connman": "connman-wait-online.service",
    "debian-ifupdown": "ifupdown-wait-online.service",
}
# What `systemctl edit` makes of a common advice: it waits for minutes where no link is managed, and then fails.
ANY = "[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-networkd-wait-online --any\n"
# raspi-config's "wait for network at boot": dhcpcd would wait for half a minute, since all is denied to it.
WAIT = "[Service]\nExecStart=\nExecStart=/usr/sbin/dhcpcd -q -w\n"
OVERRIDDEN = {
    "debian-networkd": ("systemd-networkd-wait-online.service", "override.conf", ANY),
    "debian-12-networkd": ("systemd-networkd-wait-online.service", "override.conf", ANY),
    "debian-dhcpcd": ("dhcpcd.service", "wait.conf", WAIT),
}


def network(pi) -> str:
    return pi.check("ip -4 -o address show dev eth0 scope global; ip -4 route show dev eth0; "
                    "grep nameserver /etc/resolv.conf")


@pytest.mark.long
@pytest.mark.parametrize("name", MANAGERS)
def test_other_debians_boot_and_keep_their_disk(rack, disk, name):
    pi = boot(rack, disk(name), name)
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert pi.check("systemctl is-system-running") == "running"
    if name in WAITERS:
        # A program that had waited for its network to the end of its patience would have failed.
        assert pi.check(f"systemctl show -P Result {WAITERS[name]}") == "success"
        assert pi.check(f"systemctl is-active {WAITERS[name]}") == "active"
    if name in OVERRIDDEN:
        unit, file, _ = OVERRIDDEN[name]
        assert file in pi.check(f"systemctl show -P DropInPaths {unit}")
        assert "timed out" not in pi.check(f"journalctl -u {unit}")
    before = network(pi)
    assert "10.77.0." in before
    work = Workload(pi).start()
    for command in (*MANAGERS[name], *EVENTS):
        pi.run(command, timeout=300)
    assert network(pi) == before
    assert pi.check("cat /sys/class/iscsi_session/session1/state") == "LOGGED_IN"
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    work.finish()
    check_poweroff(rack, pi)


@pytest.mark.long
def test_resolvconf_hands_on_the_name_servers_of_a_later_lease(rack, disk):
    pi = boot(rack, disk("debian-ifupdown"))
    assert pi.check("readlink -f /etc/resolv.conf") == "/run/resolvconf/resolv.conf"
    assert "nameserver 10.77.0.1" in pi.check("cat /etc/resolv.conf")
    # As the keeper does it: a new file in the place of the old one.
    record = "/run/resolvconf/interface/eth0.bootwire"
    pi.check(f"sed -i s/10.77.0.1/10.77.0.9/ {record}")
    pi.check("until grep -q 'nameserver 10.77.0.9' /etc/resolv.conf; do sleep 0.5; done", 120)


@pytest.mark.long
def test_a_record_of_the_root_target_that_is_automatic_makes_no_second_session(rack, disk):
    """The record has the portal's address, option 17 has its name; after an outage nobody knows that name any more."""
    rack.target(disk("debian-open-iscsi"))
    rack.serve(root_path=root_path(TARGET, server="nas.lab"), names={"nas": "10.77.0.1"})
    pi = boot_whole(rack)
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    pi.check(f"iscsiadm -m node -T {TARGET} -o update -n node.startup -v automatic")
    for _ in range(2):
        pi.check("systemctl restart open-iscsi.service", timeout=300)
        time.sleep(3)
        assert pi.check("ls /sys/class/iscsi_session") == "session1"
        assert pi.check("ls -d /sys/block/sd*") == "/sys/block/sda"
        rack.change(names={})
        rack.tgt.kill()
        rack.tgt.start()
        rack.tgt.await_session()


COVERED = {"debian-connman": "/etc/connman/main.conf", "debian-dhcpcd": "/etc/dhcpcd.conf",
           "debian-ifupdown": "/etc/network/interfaces"}
# systemd-soft-reboot.service(8): a service that goes on meanwhile.
GOES_ON = "systemd-run --quiet -p DefaultDependencies=no -p SurviveFinalKillSignal=yes -p IgnoreOnIsolate=yes"


@pytest.mark.long
@pytest.mark.limit(1800)  # two boots, the second beside fio
@pytest.mark.parametrize("name", COVERED)
def test_a_soft_reboot_leaves_the_files_covered_and_the_disk_reachable(rack, disk, name):
    pi = boot(rack, disk(name))
    before = network(pi)
    work = Workload(pi).start(by=GOES_ON)
    started = pi.check("systemctl show -P UserspaceTimestampMonotonic")
    end(pi, "systemctl soft-reboot")
    pi.console.expect(r"login: $", BOOT_TIME)
    pi.console.send_line("")
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    assert pi.check("systemctl show -P UserspaceTimestampMonotonic") != started, "it has been a soft reboot"
    assert pi.check(f"findmnt -no OPTIONS {COVERED[name]}").split(",")[0] == "ro"
    for command in MANAGERS[name]:
        pi.run(command, timeout=300)
    assert network(pi) == before
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert not work.losses()
    work.finish()
    check_poweroff(rack, pi)
