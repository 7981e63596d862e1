"""An unmodified Debian from an iSCSI disk, on each virtual board."""

from __future__ import annotations

import json

import pytest
from extent import with_all
from test_secrets import CHAP, OURS, PLACES, SOURCES, check_places

from lab.servers import TARGET

BOOT_TIME = 1200  # a Debian under emulation on two busy cores; no test measures it


@pytest.fixture(scope="module", params=["virt", "raspi3b"])
def debian(request, module_rack, disk):
    """Debian on that board, logged in, with secrets on the kernel's command line."""
    with module_rack(request.param, request.param) as rack:
        rack.target(disk("debian-arm64"), chap=CHAP)
        rack.serve()
        pi = rack.boot(*SOURCES["command line"][0].split())
        pi.login(BOOT_TIME)
        pi.run("systemctl is-system-running --wait", BOOT_TIME)
        yield pi


def test_debian_reaches_its_multi_user_target(debian):
    assert debian.check("systemctl is-active multi-user.target") == "active"


def test_no_unit_has_failed(debian):
    assert debian.check("systemctl --failed --no-legend --plain") == ""


def test_a_login_shell_finds_bootwirectl(debian):
    assert debian.check("bootwirectl status").startswith("session")
    assert debian.check("command -v bootwirectl") == "/run/bootwire/bin/bootwirectl"
    assert debian.check("findmnt -no OPTIONS /etc/profile").split(",")[0] == "ro"


def test_all_cpus_run(debian):
    assert debian.check("nproc") == str(debian.cpus)


def test_the_root_is_the_iscsi_disk_writable(debian):
    assert debian.check("findmnt -no FSTYPE,OPTIONS /").startswith("ext4 rw")
    device = debian.check("findmnt -no SOURCE /").removeprefix("/dev/")
    assert "session" in debian.check(f"readlink -f /sys/class/block/{device}")


def test_the_root_was_checked_before_it_was_written_to(debian):
    """Mounted read-only, by a program that has it open for writing: a kernel may forbid that."""
    assert "rootfs: clean" in debian.check("journalctl -b -o cat -u systemd-fsck-root.service")


def test_the_session_is_one_that_open_iscsi_would_leave_alone(debian):
    # As firmware's: every other session is taken over by an iscsid that starts (test_open_iscsi.py).
    assert debian.check("cat /sys/class/iscsi_session/session1/creator") == "-1"


def test_the_board_is_known(debian):
    model = {"raspi3b": "Raspberry Pi 3 Model B", "virt": "linux,dummy-virt"}[debian.board.name]
    assert model in debian.check("tr -d '\\0' </proc/device-tree/model")
    assert debian.check("tr -d '\\0' </proc/device-tree/serial-number") == debian.serial


def test_boot_json_tells_what_happened(debian):
    told = json.loads(debian.check("cat /run/bootwire/boot.json"))
    text = json.dumps(told)
    assert told["plan"]["target"]["value"] == TARGET
    assert "DHCP option 17" in told["plan"]["target"]["source"]
    assert told["plan"]["mode"]["value"] == "pivot"
    assert "10.77.0.1" in text
    assert OURS not in text
    assert any(isinstance(value, (int, list)) for value in told.values()), "times are in it"


def test_the_interface_has_its_address_still(debian):
    assert "10.77.0." in debian.check("ip -4 -br address show scope global")


def test_name_servers_reach_the_os(debian):
    assert "10.77.0.1" in debian.check("cat /etc/resolv.conf")


def test_the_initramfs_has_freed_its_memory(debian):
    mounts = debian.check("cat /proc/self/mounts").splitlines()
    assert mounts[0].startswith("/dev/") or all("rootfs" not in line for line in mounts)


@pytest.mark.parametrize("debian", ["virt", *with_all("raspi3b")], indirect=True)
def test_no_secret_is_in_the_booted_debian(debian):
    further = {"journal": "journalctl -b --no-pager -o export", "units": "systemctl show --all '*'"}
    check_places(debian, {**PLACES, **further})


def test_a_write_reaches_the_target(debian):
    debian.check("echo bootwire-was-here >/root/written && sync")
    image = debian.directory.parent / "disk0.img"
    with image.open("rb") as file:
        assert any(b"bootwire-was-here" in chunk for chunk in iter(lambda: file.read(1 << 24), b""))
