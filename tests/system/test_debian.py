"""An unmodified Debian from an iSCSI disk, on each virtual board."""

from __future__ import annotations

import json

import phrases  # noqa: F401
import pytest
from test_secrets import CHAP, OURS, PLACES, SOURCES, check_places

from lab.dnsmasq import root_path
from lab.servers import TARGET

BOOT_TIME = 600  # a Debian under emulation on two busy cores; no test measures it


@pytest.fixture(scope="module")
def debian(module_rack, disk):
    """Debian on `virt`, logged in, with secrets on the kernel's command line."""
    rack = module_rack("virt", "debian")
    rack.target(disk("debian-arm64"), chap=CHAP)
    rack.serve()
    pi = rack.boot(*SOURCES["command line"][0].split())
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    return pi


@pytest.fixture(scope="module")
def raspi(module_rack, disk):
    """Debian on `raspi3b`, logged in."""
    rack = module_rack("raspi3b", "raspi")
    rack.target(disk("debian-arm64"))
    rack.serve()
    pi = rack.boot()
    pi.login(2 * BOOT_TIME)
    pi.run("systemctl is-system-running --wait", 2 * BOOT_TIME)
    return pi


@pytest.fixture(params=["virt", "raspi3b"])
def either(request):
    return request.getfixturevalue("debian" if request.param == "virt" else "raspi")


def test_debian_reaches_its_multi_user_target(either):
    assert either.check("systemctl is-active multi-user.target") == "active"


def test_no_unit_has_failed(either):
    assert either.check("systemctl --failed --no-legend --plain") == ""


def test_all_cpus_run(either):
    assert either.check("nproc") == "4"


def test_the_root_is_the_iscsi_disk_writable(either):
    assert either.check("findmnt -no FSTYPE,OPTIONS /").startswith("ext4 rw")
    device = either.check("findmnt -no SOURCE /").removeprefix("/dev/")
    assert "session" in either.check(f"readlink -f /sys/class/block/{device}")


def test_the_board_is_known(raspi):
    assert "Raspberry Pi 3" in raspi.check("tr -d '\\0' </proc/device-tree/model")
    assert raspi.check("tr -d '\\0' </proc/device-tree/serial-number") == raspi.serial


def test_boot_json_tells_what_happened(debian):
    told = json.loads(debian.check("cat /run/bootwire/boot.json"))
    text = json.dumps(told)
    assert told["plan"]["target"]["value"] == TARGET
    assert "DHCP option 17" in told["plan"]["target"]["source"]
    assert told["plan"]["mode"]["value"] == "pivot"
    assert "10.77.0.1" in text
    assert OURS not in text
    assert any(isinstance(value, (int, list)) for value in told.values()), "times are in it"


def test_the_interface_has_its_address_still(either):
    assert "10.77.0." in either.check("ip -4 -br address show scope global")


def test_name_servers_reach_the_os(either):
    assert "10.77.0.1" in either.check("cat /etc/resolv.conf")


def test_the_initramfs_has_freed_its_memory(debian):
    mounts = debian.check("cat /proc/self/mounts").splitlines()
    assert mounts[0].startswith("/dev/") or all("rootfs" not in line for line in mounts)


def test_no_secret_is_in_the_booted_debian(debian):
    check_places(debian, {**PLACES, "journal": "journalctl -b --no-pager -o export", "units": "systemctl show --all '*'"})


def test_a_write_reaches_the_target(debian):
    debian.check("echo bootwire-was-here >/root/written && sync")
    image = debian.directory.parent / "disk0.img"
    with image.open("rb") as file:
        assert any(b"bootwire-was-here" in chunk for chunk in iter(lambda: file.read(1 << 24), b""))


def test_a_32_bit_debian_boots(rack, disk):
    rack.target(disk("debian-armhf"))
    rack.serve()
    pi = rack.boot()
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    assert pi.check("dpkg --print-architecture") == "armhf"
    assert pi.check("systemctl is-active multi-user.target") == "active"
    assert pi.check("systemctl --failed --no-legend --plain") == ""


@pytest.mark.long
@pytest.mark.parametrize("name", ["debian-gpt", "debian-nm", "debian-networkd", "debian-dhcpcd", "debian-ifupdown"])
def test_other_debians_boot_and_keep_their_disk(rack, disk, name):
    rack.target(disk(name))
    rack.serve(root_path=root_path(TARGET))
    pi = rack.boot()
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    pi.check("echo still here >/root/written && sync")
    assert "10.77.0." in pi.check("ip -4 -br address show scope global")
