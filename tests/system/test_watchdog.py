"""The hardware watchdog guards the boot, and only the boot.

QEMU's `virt` has none of its own: a PCI card that PCs know, whose driver only the lab has, stands in.
QEMU runs its timer as hardware would, and says when it has run out.
"""

from __future__ import annotations

import re

import phrases
import pytest

from lab.machine import Options

ARMED = r"hardware watchdog: (\d+) s"


@pytest.fixture
def guarded(rack, disk):
    """guarded(program…): a Pi that has a watchdog, starts from its card and finds no DHCP server yet."""
    rack.target(disk("tiny"))

    def start(*programs):
        word = rack.before_init(modules=["i6300esb"], programs=programs)
        pi = rack.pi(word, options=Options(extra=["-device", "i6300esb"]))
        pi.insert_card(rack.root)
        pi.start()
        return pi

    return start


def armed_for(pi):
    """When init armed it, and for how many seconds."""
    stage = pi.expect_stage(ARMED)
    seconds = int(re.findall(ARMED, stage.text)[0])
    assert 1 <= seconds <= 15
    return stage.ms, seconds


def test_it_is_fed_while_init_waits_and_stopped_before_the_disk_takes_over(guarded, rack):
    """An end of the machine would end the console, and with it the test."""
    pi = guarded()
    since, seconds = armed_for(pi)
    while pi.expect_stage(phrases.NO_DHCP_ANSWER, 90).ms < since + 1000 * (seconds + 2):
        pass
    rack.serve()
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    pi.check(f"sleep {seconds + 2}")
    assert "watchdog did not stop" not in pi.check("dmesg")


def test_an_init_that_hangs_has_the_board_restarted(guarded):
    """Only the main thread is stopped: the one that feeds goes on until a promise is broken."""
    pi = guarded("hang")
    pi.console.expect("hang: init's main thread is stopped", 180)
    assert pi.machine.qmp.wait_for("WATCHDOG", 180) == {"action": "reset"}
    pi.machine.wait(60)
