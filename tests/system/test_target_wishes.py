"""A session outlives what a target asks for: to log out, to wait, to go elsewhere.

A scripted front asks, a real target serves.
"""

from __future__ import annotations

import time

import pytest
from workload import Workload, boot_bare

from lab.dnsmasq import root_path
from lab.servers import TARGET
from lab.waiting import wait_until


@pytest.fixture(scope="module")
def fronted(module_rack, disk):
    """A Debian that reaches its target through the front at port 3270."""
    with module_rack("virt", "fronted") as rack:
        rack.target(disk("debian-fio"))
        rack.serve(root_path=root_path(TARGET, port="3270"))
        rack.asks = lambda *options: change_front(rack, *options)
        rack.asks()
        rack.booted = boot_bare(rack, "iscsi.portals=named")
        yield rack


def change_front(rack, *options):
    """Another front at the same place: the session through the old one is lost."""
    while rack.fronts:
        rack.fronts.pop().stop()
    return rack.front(*options)


@pytest.fixture
def work(fronted):
    work = Workload(fronted.booted).start()
    yield work
    work.finish()


def await_return(work: Workload, seen: int) -> None:
    wait_until(lambda: len(work.returns()) > seen, "the session's return", 120, 0.5)


# RFC 7143 section 11.9.1: 1 log out; 2, 3 connections are dropped, come back after Time2Wait; 4 negotiate.
@pytest.mark.parametrize(
    "message",
    [
        pytest.param("1,0,0,5", id="logout requested"),
        pytest.param("2,0,1,0", id="connection dropped", marks=pytest.mark.long),
        pytest.param("3,0,3,0", id="all dropped"),
        pytest.param("4,0,0,5", id="negotiation requested"),
    ],
)
def test_a_target_that_wants_the_session_to_end(fronted, work, message):
    front = fronted.asks("--async", message)
    await_return(work, 0)
    for _ in range(2):
        seen = len(work.returns())
        work.go_on()
        front.send_async_message()
        await_return(work, seen)
    work.go_on()


def test_a_target_that_refuses_for_a_while(fronted, work):
    fronted.asks("--status", "3:1")
    time.sleep(5)
    assert not work.returns()
    fronted.asks()
    await_return(work, 0)


@pytest.mark.parametrize("kind", [
    pytest.param([], id="for now"),
    pytest.param(["--permanent"], id="for good", marks=pytest.mark.long),
])
def test_a_target_that_has_moved(fronted, work, kind):
    fronted.asks("--redirect", "10.77.0.1:3260,1", *kind)
    await_return(work, 0)
    assert any("10.77.0.1:3260" in line for line in work.returns())
    work.go_on()
    fronted.tgt.kill()
    fronted.tgt.start()
    await_return(work, 1)
    work.go_on()
    # And back again: who was sent away for good still finds the way.
    fronted.tgt.port = 3262
    fronted.tgt.kill()
    fronted.asks("--redirect", "10.77.0.1:3262,1")
    fronted.tgt.start()
    await_return(work, 2)
    fronted.tgt.port = 3260
    fronted.tgt.kill()
    fronted.tgt.start()
    fronted.asks()
    await_return(work, 3)
