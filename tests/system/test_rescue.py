"""The rescue console: what can be typed while the Pi boots."""

from __future__ import annotations

import phrases
import pytest

from lab.servers import TARGET
from lab.tgt import Chap

WRONG = "iqn.2026-11.test.lab:no-such-disk"
PROMPT = "bootwire> "


@pytest.fixture
def failing(rack, disk):
    """A Pi that asks for a disk that is not there, at the console."""
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot(f"iscsi.target={WRONG}")
    pi.console.expect(r"next attempt in \d+ s", 90)
    return pi


def typed(pi, line: str, answer: str) -> None:
    pi.console.send_line(line)
    pi.console.expect(answer, 30)
    pi.console.expect(PROMPT, 10)


def test_it_answers_what_is_asked(failing):
    pi = failing
    typed(pi, "", r"status +how far the boot is")
    typed(pi, "status", rf"failed +Target: {WRONG} at 10\.77\.0\.1[^\n]*\r?\n(?s:.*)what to check: ")
    typed(pi, "log", r"\[init\] [^\n]*next attempt")
    typed(pi, "net", r"eth0  [0-9a-f:]{17}  link is up  10\.77\.0\.")
    typed(pi, "dhcp", r"the lease: 10\.77\.0\.\d+/24 from 10\.77\.0\.1")
    typed(pi, "ping 10.77.0.1", r"10\.77\.0\.1 answers after \d+ ms")
    typed(pi, "ping 10.77.0.250", r"10\.77\.0\.250 (does not answer|cannot be reached)")
    typed(pi, "login", rf"10\.77\.0\.1:3260: we are let in\r?\n  {TARGET}")
    typed(pi, "disks", r"there is no disk yet")
    typed(pi, "hlep", r'there is no command "hlep"')
    typed(pi, "mode teleport", r"the modes are pivot, kexec and usb")
    assert not pi.console.seen(phrases.TINY_UP)


def test_a_setting_that_is_typed_boots_the_pi(failing):
    typed(failing, f"set iscsi.target={TARGET}", "`retry` tries again with it")
    failing.console.send_line("retry")
    failing.console.expect(phrases.field("target", TARGET, "from the rescue console"), 30)
    failing.console.expect(phrases.TINY_UP, 120)
    failing.login()  # and the console is the system's


def test_a_secret_is_asked_for_and_not_shown(rack, disk):
    rack.target(disk("tiny"), chap=Chap("pi", "typed-secret-12"))
    rack.serve()
    pi = rack.boot("iscsi.username=pi", "iscsi.password=wrong-secret-12")
    pi.console.expect(rf"{phrases.FAILED}[^\n]*{phrases.NOT_AUTHENTICATED}", 90)
    typed(pi, "set iscsi.password=typed-in-the-open", "a secret is not to be seen on a screen")
    pi.console.send_line("set iscsi.password")
    pi.console.expect(r"iscsi.password \(it is not shown\): ", 30)
    pi.console.send_line("typed-secret-12")
    pi.console.expect("set; `retry` tries again with it", 30)
    pi.console.send_line("retry")
    pi.console.expect(phrases.TINY_UP, 120)
    assert not pi.console.seen("typed-secret-12")


def test_the_mode_is_changed_while_dhcp_is_waited_for(rack, disk):
    rack.target(disk("tiny"))
    pi = rack.pi()
    pi.insert_card(rack.root)
    pi.start()
    pi.expect_stage("still asking", 90)  # before that, nothing is waited for that is worth a word
    typed(pi, "status", r"waiting for \d+ s: ")
    pi.console.send_line("mode usb")
    pi.console.expect("trying again with what was said", 30)
    rack.serve()
    pi.console.expect(r"failed: this board has no USB port", 90)
    pi.console.send_line("mode pivot")
    pi.console.expect(phrases.TINY_UP, 120)


def test_it_can_be_switched_off(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot(f"iscsi.target={WRONG}", "bootwire.console=off")
    pi.console.expect(r"next attempt in \d+ s", 90)
    pi.console.send_line(f"set iscsi.target={TARGET}")
    pi.console.expect(r"next attempt in \d+ s", 90)
    assert not pi.console.seen("bootwire>")


def test_reboot_is_done(failing):
    failing.console.send_line("reboot")
    failing.machine.wait(60)
