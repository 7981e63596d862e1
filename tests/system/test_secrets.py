"""No secret is readable in the booted system, wherever it came from."""

from __future__ import annotations

import phrases
import pytest

from lab.dnsmasq import root_path
from lab.servers import TARGET
from lab.tgt import Chap

OURS, THEIRS = "MARKERours12345", "MARKERtheirs123"
CHAP = Chap("pi", OURS, "nas", THEIRS)
PLACES = {
    "command line": "cat /proc/cmdline",
    "command line in a fresh procfs":
        "mkdir -p /run/fresh-proc; mount -t proc proc /run/fresh-proc && cat /run/fresh-proc/cmdline",
    "bootconfig": "cat /run/fresh-proc/bootconfig",
    "our kernel's own file": "cat /proc/cmdline_secrets /run/fresh-proc/cmdline_secrets",
    "device tree": "cat /sys/firmware/devicetree/base/chosen/bootargs",
    "flat device tree": "cat /sys/firmware/fdt",
    "kernel log": "dmesg",
    "kernel messages": "dd if=/dev/kmsg iflag=nonblock 2>/dev/null",
    "session": "find /sys/class/iscsi_* /sys/devices -path '*session*' -type f -exec cat {} +",
    "run": "find /run -xdev -type f -exec cat {} +",
    "environment of init": "cat /proc/1/environ /proc/1/cmdline",
    "environment of all": "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline",
}
SOURCES = {
    "command line": (f"iscsi.username=pi iscsi.password={OURS} "
                     f"iscsi.mutual.username=nas iscsi.mutual.password={THEIRS}", ""),
    "root path": ("", f"pi:{OURS}:nas:{THEIRS}@"),
}


def check_places(pi, places):
    for name, command in places.items():
        found = pi.run(f"({command}) 2>/dev/null | grep -a -c '[M]ARKER'")  # not to find itself
        assert found.output.strip() == "0", f"{name}: {command}"


@pytest.mark.parametrize("source", SOURCES)
def test_no_place_shows_a_secret(rack, disk, source):
    words, credentials = SOURCES[source]
    rack.target(disk("tiny"), chap=CHAP)
    rack.serve(root_path=root_path(TARGET).replace("iscsi:", f"iscsi:{credentials}"))
    pi = rack.boot(*words.split())
    pi.console.expect(phrases.TINY_UP, 120)
    assert not pi.console.seen("MARKER"), "on the console"
    pi.login()
    pi.check("echo MARKER >/run/check && grep -a -q [M]ARKER /run/check && rm /run/check")
    check_places(pi, PLACES)


def test_what_was_typed_is_still_recognisable(rack, disk):
    """The names stay: a person sees that a secret was given, not which."""
    rack.target(disk("tiny"), chap=CHAP)
    rack.serve()
    pi = rack.boot(*SOURCES["command line"][0].split())
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    assert "iscsi.username=pi" in pi.check("cat /proc/cmdline")
