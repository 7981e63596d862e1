"""Debian's open-iscsi in the booted system: it serves further targets, and leaves the root disk's session alone."""

from __future__ import annotations

import time

import pytest
from ending import check_poweroff
from workload import Workload, boot_whole

from lab.servers import TARGET
from lab.tgt import Chap

pytestmark = pytest.mark.long

DATA = TARGET + "-data"
# A login that nothing in the booted system knows: whoever takes the session over can't get it back.
CHAP = Chap("pi", "a-secret-of-16-bytes")


@pytest.fixture(scope="module")
def debian(module_rack, disk):
    with module_rack("virt", "open-iscsi") as rack:
        rack.target(disk("debian-open-iscsi"), chap=CHAP)
        rack.target(disk("tiny"), name=DATA)
        rack.serve()
        rack.booted = boot_whole(rack, "iscsi.username=pi", f"iscsi.password={CHAP.secret}")
        yield rack


@pytest.fixture
def work(debian):
    """fio on the root disk; what it says at the end is part of each test."""
    work = Workload(debian.booted).start()
    yield work
    work.finish()


def assert_ours(work: Workload, lost: int = 0) -> None:
    """The session is the one that init made, was not interrupted since, and is the keeper's."""
    session = "/sys/class/iscsi_session/session1"
    pi = work.pi
    assert pi.check(f"cat {session}/state") == "LOGGED_IN"
    assert pi.check(f"cat {session}/targetname") == TARGET
    assert pi.check(f"cat {session}/creator") == "-1"
    assert pi.check(f"cat {session}/recovery_tmo") in ("-1", "off"), "I/O waits for ever, still"
    assert len(work.losses()) == lost


def test_its_services_run_and_nothing_has_failed(debian, work):
    pi = debian.booted
    assert pi.check("systemctl is-active iscsid.service open-iscsi.service").split() == ["active", "active"]
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert_ours(work)


def test_restarting_its_services_leaves_the_session_alone(debian, work):
    pi = debian.booted
    for _ in range(3):
        pi.check("systemctl restart iscsid.service open-iscsi.service", timeout=300)
        time.sleep(3)  # for what iscsid does in the background
    pi.check("systemctl stop open-iscsi.service iscsid.service iscsid.socket", timeout=300)
    pi.check("systemctl start iscsid.socket iscsid.service open-iscsi.service", timeout=300)
    time.sleep(3)
    assert_ours(work)


def test_its_tools_show_the_session_and_cannot_end_it(debian, work):
    pi = debian.booted
    assert TARGET in pi.check("iscsiadm -m session")
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    pi.run("iscsiadm -m session -r 1 --logout")
    pi.run(f"iscsiadm -m node -T {TARGET} --logout")
    pi.run("iscsiadm -m session --logout")
    pi.run("iscsiadm -m node --logoutall=all")
    pi.run(f"iscsiadm -m node -T {TARGET} --login")
    pi.run("iscsiadm -m session --rescan")
    assert pi.check("ls /sys/class/iscsi_session") == "session1"
    assert_ours(work)


def test_another_target_is_logged_in_to_and_out_of_by_iscsiadm(debian, work):
    pi = debian.booted
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    pi.check(f"iscsiadm -m node -T {DATA} --login")
    pi.check("udevadm settle")
    device = pi.check(f"readlink -f /dev/disk/by-path/*-iscsi-{DATA}-lun-1")
    assert pi.check(f"dd if={device} bs=512 count=1 2>/dev/null | od -An -tx1 -j510").split() == ["55", "aa"]
    assert pi.check("ls /sys/class/iscsi_session | wc -l") == "2"
    pi.check("systemctl restart iscsid.service")
    time.sleep(3)
    pi.check(f"iscsiadm -m node -T {DATA} --logout")
    assert pi.check("ls /sys/class/iscsi_session") == "session1"
    assert_ours(work)


def test_after_a_restart_of_the_target_the_keeper_gets_the_session_back(debian, work):
    debian.tgt.kill()
    time.sleep(2)
    debian.tgt.start()
    debian.tgt.await_session()
    work.go_on()
    assert len(work.returns()) == 1
    assert_ours(work, lost=1)


def test_the_system_ends_as_any_other_with_its_sessions(debian):
    """The last one. open-iscsi logs out of all that is its own on the way."""
    pi = debian.booted
    pi.check("iscsiadm -m discovery -t sendtargets -p 10.77.0.1")
    pi.check(f"iscsiadm -m node -T {DATA} --login")
    check_poweroff(debian, pi)
