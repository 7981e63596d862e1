"""A session outlives what a network or a target does to it, PDU by PDU. fio writes and verifies throughout."""

from __future__ import annotations

import time

import pytest
from extent import with_all
from workload import Workload, boot_bare

from lab.dnsmasq import root_path
from lab.pdu_frames import DATA_IN, DATA_OUT, LOGIN_REQUEST, LOGIN_RESPONSE, R2T, SCSI_COMMAND, SCSI_RESPONSE
from lab.servers import TARGET
from lab.waiting import Deadline


@pytest.fixture(scope="module")
def faulty(module_rack, disk):
    """A Debian that reaches its target through the fault proxy, with digests."""
    with module_rack("virt", "faulty") as rack:
        rack.target(disk("debian-fio"), digests=True)
        rack.proxy = rack.fault_proxy()
        rack.serve(root_path=root_path(TARGET, port=str(rack.proxy.port)))
        rack.booted = boot_bare(rack, "iscsi.header_digest=CRC32C", "iscsi.data_digest=CRC32C", "iscsi.portals=named")
        yield rack


@pytest.fixture
def proxy(faulty):
    return faulty.proxy


@pytest.fixture
def work(faulty):
    work = Workload(faulty.booted).start()
    yield work
    work.finish()


@pytest.mark.parametrize("how", ["rst", "fin"])
def test_a_connection_that_is_cut(proxy, work, how):
    for _ in range(3):
        logins = proxy.count()["logins"]
        proxy.cut(how)
        proxy.await_count("logins", logins + 1)
        work.go_on()


def test_a_storm_of_resets(proxy, work):
    storm = Deadline(10)
    while storm.left() > 0:
        proxy.cut("rst")
        time.sleep(0.5)
    work.go_on()
    assert len(work.losses()) > 1


def test_a_command_that_is_lost_ten_times_in_a_row(proxy, work):
    """The kernel gives a command up after five: unless it is told not to count."""
    proxy.cut_commands(10)
    proxy.await_that(lambda count: count["cuts_left"] == 0, "ten cuts", 120)
    work.go_on()


@pytest.mark.long
def test_two_hundred_losses_in_a_row(proxy, work):
    before = proxy.count()["logins"]
    proxy.cut_commands(200, 1, 30)
    proxy.await_that(lambda count: count["cuts_left"] == 0, "two hundred cuts", 900)
    work.go_on()
    assert proxy.count()["logins"] - before >= 200, "each loss was one of a session that had come back"


def test_a_target_that_falls_silent_and_speaks_again(proxy, work):
    proxy.silent(True)
    time.sleep(16)
    proxy.silent(False)
    work.go_on()
    assert work.losses()


SIDES = [("initiator", "header"), ("target", "data")]
MORE_SIDES = [("initiator", "data"), ("target", "header")]


@pytest.mark.parametrize("side, part", [*SIDES, *with_all(*MORE_SIDES)])
def test_a_byte_that_changes_on_the_way(proxy, work, side, part):
    for _ in range(3):
        done = proxy.count()["corrupted"]
        proxy.corrupt(side, part)
        proxy.await_count("corrupted", done + 1)
        work.go_on()


def test_every_pdu_in_two_segments_divided_at_every_byte(proxy, work):
    proxy.split(True)
    every = set(range(1, 52))  # 48 bytes of header, 4 of its digest
    kinds = [f"{opcode:#04x}" for opcode in (SCSI_COMMAND, SCSI_RESPONSE, DATA_IN, DATA_OUT, R2T)]
    proxy.await_that(
        lambda count: all(every <= set(count["splits"].get(kind, ())) for kind in kinds),
        "each PDU split at each byte", 300,
    )
    assert not work.losses()
    # A login, too, which the proxy lets through byte by byte.
    proxy.cut("rst")
    whole = set(range(1, 48))
    kinds = [f"{kind:#04x}" for kind in (LOGIN_REQUEST, LOGIN_RESPONSE)]
    proxy.await_that(lambda count: all(whole <= set(count["splits"].get(kind, ())) for kind in kinds),
                     "a login in crumbs", 60)
    work.go_on()
    proxy.split(False)
    assert len(work.losses()) == 1


def test_answers_that_take_their_time(proxy, work):
    proxy.delay(0, 0.2)
    work.go_on()
    time.sleep(5)
    proxy.delay(0, 0)
    assert not work.losses()
