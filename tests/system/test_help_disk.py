"""The help disk: what a computer at the USB port finds there when the boot fails. dummy_hcd is the cable."""

from __future__ import annotations

import phrases
import pytest
from card import Card
from extent import with_all

from lab.machine import Options
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
    edits = ("help-host.iscsi.target=iqn.2026-11.test.lab:another-one", "help-host.iscsi.tagret=x")
    pi = fails_with_a_computer(rack, *edits)
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


@pytest.mark.parametrize("whose", ["its own", *with_all("another one's")])
def test_settings_on_the_card_that_the_pi_started_from_count_and_are_kept(make_rack, disk, tmp_path, whose):
    own = whose == "its own"
    rack = make_rack("raspi4b")
    rack.target(disk("tiny"))
    rack.serve()
    lab = rack.before_init(modules=["dummy_hcd"], programs=["help-host"])
    # The card is why it fails; that of another Pi must not be.
    words = ["iscsi.header_digest=CRC32C", *([] if own else [f"iscsi.target={WRONG}"])]
    said = [f"help-host.iscsi.target={TARGET}", "help-host.iscsi.header_digest=None", "help-host.bootwire.keep=card"]
    image = tmp_path / "card.img"
    pi = rack.pi(*words, *said, lab, options=Options(card=image))
    cmdline = (rack.root / "cmdline.txt").read_text() if own else "root=LABEL=writable someone.elses=1\n"
    settings = f"\ufeff# in the hall\r\niscsi.target={WRONG}\r\niscsi.tarqet=iqn\r\n"
    card = Card.blank(image)
    card.put("cmdline.txt", cmdline.encode())
    card.put("bootwire.txt", settings.encode())
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(phrases.TINY_UP, 400)
    assert pi.console.seen('line 3, has "iscsi.tarqet"') == own
    assert pi.console.seen(f"target {WRONG}, from bootwire.txt of the SD card") == own
    kept = card.read("cmdline.txt")
    if not own:
        assert pi.console.seen("bootwire.txt of the SD card does not count")
        assert pi.console.seen("is not the one that this Pi started from")
        assert kept == cmdline
        return
    assert pi.console.seen("kept on the SD card")
    assert set(kept.split()) == set(cmdline.split()) - {"iscsi.header_digest=CRC32C"}
    assert card.read("cmdline.bak") == cmdline
    lines = card.read("bootwire.txt").splitlines()
    assert lines[:2] == ["# in the hall", "iscsi.tarqet=iqn"]
    assert set(lines[2:]) == {f"iscsi.target={TARGET}", "iscsi.header_digest=None"}
    card.check_clean()
