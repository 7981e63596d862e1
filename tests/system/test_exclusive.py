"""iscsi.exclusive: one Pi at a time has the disk, whatever happens to connections and targets."""

from __future__ import annotations

import time

import phrases
import pytest

UP = phrases.TINY_UP
CTL = "/run/bootwire/bootwirectl"
HELD = r"the disk is reserved for this machine"


def in_use_by(pi) -> str:
    return rf"{phrases.FAILED}[^\n]*the disk is in use[^\n]*{pi.serial}"


def ready(pi) -> None:
    """What the kernel has said so far is forgotten: its first look at the disk is before the reservation."""
    pi.check("mount -o remount,rw / && dmesg -c >/dev/null")


def boot(rack, word="1"):
    """A Pi that has the disk, and can write."""
    pi = rack.boot(f"iscsi.exclusive={word}")
    pi.expect_stage(HELD)
    pi.console.expect(UP, 120)
    pi.login()
    ready(pi)
    return pi


def writes(pi) -> None:
    pi.check("for i in 1 2 3 4 5; do echo $i >/number && sync || exit 1; done", timeout=60)
    assert pi.check("cat /number") == "5"
    assert not pi.run("dmesg | grep -iE 'reservation conflict|I/O error'").output


def is_refused(rack, holder, word="1"):
    """A second Pi that says who has the disk, and tries again."""
    pi = rack.boot(f"iscsi.exclusive={word}")
    pi.console.expect(in_use_by(holder), 90)
    pi.console.expect(r"next attempt in", 30)
    assert not pi.console.seen(UP)
    return pi


@pytest.fixture
def disk_served(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    return rack


def test_the_second_pi_says_who_has_the_disk_and_boots_when_it_is_free(disk_served):
    first = boot(disk_served)
    second = is_refused(disk_served, first)
    writes(first)
    second.console.expect(in_use_by(first), 60)  # it asks again, and nothing has changed
    first.power_off()
    second.console.expect(in_use_by(first), 60)  # a Pi without power keeps what it has
    second.power_off()
    taker = boot(disk_served, "preempt")
    writes(taker)
    assert taker.console.seen(f"taken from the machine with the key {first.serial}")


def test_a_pi_gets_its_own_disk_back_after_a_power_cut(disk_served):
    pi = boot(disk_served)
    pi.power_off()
    pi.start()
    pi.expect_stage(HELD)
    pi.console.expect(UP, 120)
    pi.login()
    ready(pi)
    writes(pi)
    # tgt refuses MODE SENSE to whoever does not hold the disk: the kernel has asked again since.
    assert pi.check("cat /sys/class/scsi_disk/*/cache_type") == "write back"


def test_reconnecting_keeps_the_disk_and_no_write_fails(disk_served):
    pi = boot(disk_served)
    pi.check("(i=0; while [ -e /run/go ] || [ $i = 0 ]; do i=$((i+1)); echo $i >/count && sync || echo FAILED; "
             "done >/run/written 2>&1) & touch /run/go")
    for _ in range(5):
        assert pi.check(f"{CTL} reconnect").startswith("connected to ")
    pi.check("rm /run/go; sleep 1")
    assert "FAILED" not in pi.check("cat /run/written")
    writes(pi)
    is_refused(disk_served, pi)


def test_a_target_that_forgets_everything_is_told_again(disk_served):
    pi = boot(disk_served)
    for _ in range(2):
        disk_served.tgt.kill()
        time.sleep(2)
        disk_served.tgt.start()
        disk_served.tgt.await_session()
        writes(pi)
    is_refused(disk_served, pi)


def test_a_pi_whose_disk_was_taken_never_writes_to_it_again(disk_served):
    first = boot(disk_served)
    taker = boot(disk_served, "preempt")
    ran = first.run(f"{CTL} reconnect", timeout=60)
    assert ran.status == 1 and "restart this machine" in ran.output
    status = first.run(f"{CTL} status")
    assert status.status == 1 and "another machine has taken the disk" in status.output
    writes(taker)
    taker.power_off()
    disk_served.tgt.kill()
    disk_served.tgt.start()  # now nobody holds it; what the first one has in memory is old all the same
    time.sleep(5)
    assert not disk_served.tgt.sessions()


def test_without_it_nothing_is_reserved(disk_served):
    pi = disk_served.boot()
    pi.console.expect(UP, 120)
    assert not pi.console.seen(HELD)
    other = disk_served.boot("iscsi.exclusive=1")
    other.expect_stage(HELD)
