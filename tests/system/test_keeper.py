"""The keeper: what it does for the session and the address of a Pi that is up."""

from __future__ import annotations

import re
import time

import pytest
from workload import boot_bare
from writing import writing

from lab.pi import VirtualPi
from lab.servers import Rack
from lab.waiting import wait_until


@pytest.fixture(scope="module")
def debian(module_rack, disk):
    """One booted Debian that the tests of this module take turns to pull the rug from under."""
    with module_rack("virt", "keeper") as rack:
        rack.target(disk("debian-arm64"))
        rack.serve(lease="2m")
        rack.booted = boot_bare(rack)
        yield rack


def outage(rack: Rack, seconds: float) -> None:
    """A target that dies in the middle of writes and is away for so long."""
    pi = rack.booted
    with writing(pi):
        time.sleep(1)
        rack.tgt.kill()
        time.sleep(seconds)
        # By what the shell has built in: a program would have to come from the disk that is away.
        assert pi.check("read s </sys/class/iscsi_connection/connection1:0/state; echo $s") != "up"
        rack.tgt.start()
        rack.tgt.await_session()
        pi.check("touch /root/alive && sync /root/alive", timeout=60)


def test_a_target_that_restarts_gets_its_session_back(debian):
    outage(debian, 2)


def test_a_target_that_is_away_for_longer_than_every_ping(debian):
    outage(debian, 20)


# NETLINK_ISCSI, multicast group 1: more than the keeper's socket has room for.
FLOOD = (
    "use Socket; socket(S, 16, SOCK_RAW, 8) || die; "
    "send(S, chr(0) x 4000, 0, pack(q(SSLL), 16, 0, 0, 1)) for 1..400"
)


def test_a_loss_that_no_event_of_the_kernel_tells_of(debian):
    """It was lost itself, for want of room. The shell's own words only, from the moment the disk is away."""
    pi = debian.booted
    pi.check("dmesg --clear")
    keeper = pi.check("pgrep -f ^@").split()[0]
    with writing(pi):
        pi.check(f"kill -STOP {keeper}; perl -e '{FLOOD}'")
        debian.tgt.drop_sessions()
        pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done", 30)
        pi.check(f"kill -CONT {keeper}")
        pi.check("touch /root/alive && sync /root/alive", timeout=60)
    assert "the kernel has given it up" in pi.check("dmesg")


HUNG_TASK_TIMEOUT = "/proc/sys/kernel/hung_task_timeout_secs"
COMPLAINT = "INFO: task "  # … blocked in I/O wait for more than 5 seconds.


def hung_task_timeout(pi: VirtualPi) -> str:
    """By what the shell has built in."""
    return pi.check(f"read s <{HUNG_TASK_TIMEOUT}; echo $s")


@pytest.fixture
def soon_hung(debian):
    """The kernel complains of whoever waits for 5 s."""
    debian.booted.check(f"dmesg --clear; echo 5 >{HUNG_TASK_TIMEOUT}")
    yield debian.booted
    debian.booted.check(f"echo 120 >{HUNG_TASK_TIMEOUT}")


def test_who_waits_for_a_disk_that_is_away_is_no_hung_task(debian, soon_hung):
    with writing(soon_hung):
        debian.tgt.kill()
        time.sleep(20)
        assert hung_task_timeout(soon_hung) == "31536000"
        debian.tgt.start()
        debian.tgt.await_session()
        wait_until(lambda: hung_task_timeout(soon_hung) == "5", "the old timeout", 60, 0.5)
    assert COMPLAINT not in soon_hung.check("dmesg")


def test_a_hung_task_timeout_that_is_set_while_the_disk_is_away_counts_and_stays(debian, soon_hung):
    with writing(soon_hung):
        debian.tgt.kill()
        soon_hung.check(f"until read s <{HUNG_TASK_TIMEOUT}; [ $s != 5 ]; do :; done; echo 4 >{HUNG_TASK_TIMEOUT}", 30)
        time.sleep(20)
        debian.tgt.start()
        debian.tgt.await_session()
        soon_hung.check("touch /root/alive && sync /root/alive", timeout=60)
        time.sleep(6)
        assert hung_task_timeout(soon_hung) == "4"
    assert COMPLAINT in soon_hung.check("dmesg")


def test_the_lease_is_renewed_and_the_address_stays(debian):
    pi = debian.booted
    address = pi.check("ip -4 -o addr show dev eth0")
    debian.dhcp.await_ack()
    assert pi.check("ip -4 -o addr show dev eth0") == address


def test_it_holds_nothing_of_the_root_disk_and_little_memory(debian):
    pi = debian.booted
    keeper = pi.check("pgrep -f ^@").split()[0]
    status = pi.check(f"cat /proc/{keeper}/status")
    assert int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) < 2560
    assert int(re.findall(r"VmLck:\s+(\d+) kB", status)[0]) > 0
    assert pi.check(f"cat /proc/{keeper}/oom_score_adj") == "-1000"
    root = pi.check("stat -c %d /")
    opened = pi.check(f"p=/proc/{keeper}; for f in $p/fd/* $p/cwd $p/root $p/exe; do stat -Lc %d $f; done")
    assert root not in opened.split()


def test_what_it_knows_gets_into_no_core_file(debian):
    """The last one here: it costs the keeper."""
    pi = debian.booted
    keeper = pi.check("pgrep -f ^@").split()[0]
    pi.check("echo '|/bin/touch /run/core-%p' >/proc/sys/kernel/core_pattern")
    pi.check("sleep 60 & kill -SEGV $!; until [ -e /run/core-$! ]; do sleep 0.1; done", timeout=30)
    pi.check(f"kill -SEGV {keeper}; while [ -e /proc/{keeper} ]; do sleep 0.1; done; sleep 1", timeout=30)
    assert keeper not in pi.check("ls /run/core-*")
