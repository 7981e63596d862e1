"""The help disk: what a computer at the USB port finds there when the boot fails. dummy_hcd is the cable."""

from __future__ import annotations

import phrases

from lab.servers import TARGET

WRONG = "iqn.2026-11.test.lab:no-such-disk"


def fails_with_a_computer(rack, *words):
    """A Pi whose boot fails, and a computer with somebody who writes into bootwire.txt."""
    rack.serve()
    lab = rack.before_init(modules=["dummy_hcd"], programs=["help-host"])
    return rack.boot(f"iscsi.target={WRONG}", *words, lab)


def test_it_tells_what_failed_and_settings_written_there_boot_the_pi(rack, disk):
    rack.target(disk("tiny"))
    pi = fails_with_a_computer(rack, f"help-host.iscsi.target={TARGET}")
    pi.console.expect(r"help-host: sees /dev/sd", 90)
    pi.console.expect(r"help-host: INDEX.HTM: .*could not start", 10)
    pi.console.expect(rf"help-host: INDEX.HTM: [^\n]*{phrases.NO_SUCH_TARGET}", 10)
    pi.console.expect(r"help-host: BOOTLOG.TXT: \[init\] [^\n]*bootwire", 10)
    pi.console.expect(r"help-host: bootwire.txt: #iscsi.ip=", 10)
    pi.console.expect("help-host: ejected", 30)
    pi.expect_stage(rf"bootwire.txt: iscsi.target={TARGET}", 60)
    pi.console.expect(phrases.field("target", TARGET, "from bootwire.txt of the help disk"), 60)
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    assert pi.check("ls /sys/kernel/config/usb_gadget 2>/dev/null || true") == ""
    assert pi.check("find / -xdev -name 'help-disk*'") == ""


def test_a_change_that_does_not_help_is_answered_on_the_disk(rack, disk):
    rack.target(disk("tiny"))
    pi = fails_with_a_computer(rack, "help-host.iscsi.target=iqn.2026-11.test.lab:another-one", "help-host.iscsi.tagret=x")
    pi.console.expect("help-host: ejected", 120)
    pi.console.expect("do you mean iscsi.target=", 60)
    pi.console.expect("help-host: sees /dev/sd", 90)
    pi.console.expect(r"help-host: INDEX.HTM: [^\n]*another-one", 10)
    pi.console.expect(r"help-host: bootwire.txt: iscsi.target=iqn.2026-11.test.lab:another-one", 10)


def test_no_secret_is_on_it(rack, disk):
    rack.target(disk("tiny"))
    pi = fails_with_a_computer(rack, "iscsi.username=pi", "iscsi.password=not-to-be-seen-1")
    pi.console.expect("help-host: done", 120)
    assert not pi.console.seen("not-to-be-seen-1")


def test_it_can_be_switched_off(rack, disk):
    rack.target(disk("tiny"))
    pi = fails_with_a_computer(rack, "bootwire.help=off")
    pi.console.expect(r"next attempt in \d+ s", 90)
    pi.console.expect(r"next attempt in \d+ s", 90)
    assert not pi.console.seen("help-host: sees")


