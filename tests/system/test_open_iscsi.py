"""Debian's open-iscsi in the booted system: it serves further targets, and leaves the root disk's session alone."""

from __future__ import annotations

import time

import pytest
from writing import writing

from lab.servers import TARGET
from lab.tgt import Chap

pytestmark = pytest.mark.long

BOOT_TIME = 1200  # under emulation on two busy cores; no test measures it
DATA = TARGET + "-data"
# A login that nothing in the booted system knows: whoever takes the session over can't get it back.
CHAP = Chap("pi", "a-secret-of-16-bytes")


@pytest.fixture(scope="module")
def debian(module_rack, disk):
    with module_rack("virt", "open-iscsi") as rack:
        rack.target(disk("debian-open-iscsi"), chap=CHAP)
        rack.target(disk("tiny"), name=DATA)
        rack.serve()
        rack.booted = rack.boot("iscsi.username=pi", f"iscsi.password={CHAP.secret}")
        rack.booted.login(BOOT_TIME)
        rack.booted.run("systemctl is-system-running --wait", BOOT_TIME)
        yield rack


def losses(pi) -> int:
    return int(pi.run("dmesg | grep -c 'bootwire-keeper.*is lost'").output)


def assert_ours(pi, lost: int) -> None:
    """The session is the one that init made, was not interrupted since, and is the keeper's."""
    session = "/sys/class/iscsi_session/session1"
    assert pi.check(f"cat {session}/state") == "LOGGED_IN"
    assert pi.check(f"cat {session}/targetname") == TARGET
    assert pi.check(f"cat {session}/creator") == "-1"
    assert pi.check(f"cat {session}/recovery_tmo") in ("-1", "off"), "I/O waits for ever, still"
    assert losses(pi) == lost


def test_its_services_run_and_nothing_has_failed(debian):
    pi = debian.booted
    assert pi.check("systemctl is-active iscsid.service open-iscsi.service").split() == ["active", "active"]
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert_ours(pi, lost=0)


def test_restarting_its_services_leaves_the_session_alone(debian):
    pi = debian.booted
    lost = losses(pi)
    with writing(pi):
        for _ in range(3):
            pi.check("systemctl restart iscsid.service open-iscsi.service", timeout=300)
            time.sleep(3)  # for what iscsid does in the background
        pi.check("systemctl stop open-iscsi.service iscsid.service iscsid.socket", timeout=300)
        pi.check("systemctl start iscsid.socket iscsid.service open-iscsi.service", timeout=300)
        time.sleep(3)
    assert_ours(pi, lost)


def test_its_tools_show_the_session_and_cannot_end_it(debian):
    pi = debian.booted
    lost = losses(pi)
    assert TARGET in pi.check("iscsiadm -m session")
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    with writing(pi):
        pi.run("iscsiadm -m session -r 1 --logout")
        pi.run(f"iscsiadm -m node -T {TARGET} --logout")
        pi.run("iscsiadm -m session --logout")
        pi.run("iscsiadm -m node --logoutall=all")
        pi.run(f"iscsiadm -m node -T {TARGET} --login")
        pi.run("iscsiadm -m session --rescan")
    assert pi.check("ls /sys/class/iscsi_session") == "session1"
    assert_ours(pi, lost)


def test_another_target_is_logged_in_to_and_out_of_by_iscsiadm(debian):
    pi = debian.booted
    lost = losses(pi)
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    with writing(pi):
        pi.check(f"iscsiadm -m node -T {DATA} --login")
        pi.check("udevadm settle")
        device = pi.check(f"readlink -f /dev/disk/by-path/*-iscsi-{DATA}-lun-1")
        assert pi.check(f"dd if={device} bs=512 count=1 2>/dev/null | od -An -tx1 -j510").split() == ["55", "aa"]
        assert pi.check("ls /sys/class/iscsi_session | wc -l") == "2"
        pi.check("systemctl restart iscsid.service")
        time.sleep(3)
        pi.check(f"iscsiadm -m node -T {DATA} --logout")
    assert pi.check("ls /sys/class/iscsi_session") == "session1"
    assert_ours(pi, lost)


def test_after_a_restart_of_the_target_the_keeper_gets_the_session_back(debian):
    pi = debian.booted
    lost = losses(pi)
    with writing(pi):
        debian.tgt.kill()
        time.sleep(2)
        debian.tgt.start()
        debian.tgt.await_session()
    assert pi.check("dmesg | grep -c 'bootwire-keeper.*the session is back'") == str(lost + 1)
    assert_ours(pi, lost + 1)
