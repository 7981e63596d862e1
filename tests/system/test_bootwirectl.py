"""bootwirectl, in a Pi that is up: what it says, to whom, and with which exit status."""

from __future__ import annotations

import calendar
import json
import re
import time

import phrases
import pytest

from lab.network import SERVER
from lab.servers import TARGET
from lab.waiting import wait_until

CTL = "/run/bootwire/bootwirectl"
AS_USER = f"busybox start-stop-daemon -S -c pi -x {CTL} --"


@pytest.fixture(scope="module")
def up(module_rack, disk):
    """One Pi that the tests of this module ask. Its target was late: it did not boot at the first attempt."""
    with module_rack("virt", "bootwirectl") as rack:
        rack.target(disk("tiny"))
        rack.tgt.kill()
        rack.serve()
        rack.booted = rack.boot()
        rack.booted.console.expect(phrases.FAILED, 120)
        rack.tgt.start()
        rack.booted.login()
        yield rack


def status(rack) -> dict:
    return json.loads(rack.booted.run(f"{CTL} status --json").output)


def test_status_tells_people_where_the_disk_is(up):
    text = up.booted.check(f"{CTL} status")
    since = r"since \d{4}-\d\d-\d\d .* UTC \("
    assert re.search(rf"^session +connected to {re.escape(SERVER)}:3260 {since}", text, re.MULTILINE)
    assert re.search(rf"^target +{TARGET}$", text, re.MULTILINE)
    assert re.search(r"^disk +sda, LUN 1: [\d.]+ [kMG]?B read, ", text, re.MULTILINE)
    assert re.search(r"^lease +from \S+, ends ", text, re.MULTILINE)
    assert up.booted.serial in text
    assert re.search(r"^boot +init [\d.]+, network [\d.]+, .*init of the disk [\d.]+ s ", text, re.MULTILINE)


def test_without_a_word_it_tells_what_there_is(up):
    assert up.booted.check(f"{CTL}").startswith("usage: bootwirectl status")


def test_status_tells_programs_the_same(up):
    said = status(up)
    assert said["session"]["state"] == "connected"
    assert said["session"]["portal"] == f"{SERVER}:3260"
    assert said["session"]["negotiated"]["max_burst_length"] > 0
    assert said["address"]["lease"]["expiry_at_s"] > said["now_at_s"] > said["session"]["since_at_s"]
    address = up.booted.check("ip -4 -o addr show dev eth0")
    assert said["address"]["address"] in address
    # The Pi's clock and the keeper's are one.
    shown = int(up.booted.check("date +%s"))
    told = time.strptime(status(up)["now"], "%Y-%m-%dT%H:%M:%SZ")
    assert abs(shown - calendar.timegm(told)) < 30


def test_bytes_are_counted_across_connections(up):
    before = status(up)["disk"]
    up.booted.check("mount -o remount,rw / && dd if=/dev/zero of=/zeros bs=64k count=16 && sync")
    up.booted.check(f"{CTL} reconnect")
    up.booted.check("dd if=/dev/zero of=/zeros bs=64k count=16 && sync && rm /zeros")
    after = status(up)["disk"]
    assert after["written_bytes"] >= before["written_bytes"] + 2 * 2**20
    assert after["read_bytes"] >= before["read_bytes"]


def test_reconnect_waits_for_the_session_and_leaves_an_outage_behind(up):
    before = status(up)
    assert re.match(rf"connected to {re.escape(SERVER)}:3260 after ", up.booted.check(f"{CTL} reconnect"))
    after = status(up)
    assert after["outages"]["count"] == before["outages"]["count"] + 1
    assert after["outages"]["last"][-1]["reason"] == "a new connection was asked for"
    assert after["session"]["since_at_s"] > before["session"]["since_at_s"]


def test_ordinary_users_may_look_but_not_touch(up):
    before = status(up)["outages"]["count"]
    up.booted.check("mount -o remount,rw / && echo 'pi::1000:1000::/:/bin/sh' >>/etc/passwd")
    assert "connected to" in up.booted.check(f"{AS_USER} status")
    refused = up.booted.run(f"{AS_USER} reconnect")
    assert refused.status == 4 and "only root" in refused.output
    assert status(up)["outages"]["count"] == before


def test_a_lost_session_is_said_to_be_lost_and_its_outage_kept(up):
    before = status(up)["outages"]
    up.tgt.kill()
    ran = wait_until(lambda: up.booted.run(f"{CTL} status"), "a lost session", 60, 0.5, lambda ran: ran.status != 0)
    assert ran.status == 1
    assert re.search(r"^session +lost since ", ran.output, re.MULTILINE)
    up.tgt.start()
    up.tgt.await_session()
    wait_until(lambda: status(up)["session"]["state"] == "connected", "the keeper's word that it is back", 30, 0)
    after = status(up)["outages"]
    assert after["count"] == before["count"] + 1
    assert after["duration_s"] > before["duration_s"]
    assert up.booted.run(f"{CTL} status").status == 0


def test_reconnect_says_why_it_is_not_back(up):
    up.tgt.kill()
    ran = up.booted.run(f"{CTL} reconnect", timeout=60)
    up.tgt.start()
    assert ran.status == 1 and ran.output.startswith("not back: ")
    assert f"{SERVER}:3260" in ran.output
    up.tgt.await_session()


def test_prometheus_can_read_it(up):
    text = up.booted.check(f"{CTL} status --prometheus")
    described: set[str] = set()
    samples: dict[str, float] = {}
    for line in [line for line in text.splitlines() if line]:
        if match := re.match(r"# (?:HELP|TYPE) (\w+) \S", line):
            described.add(match[1])
            continue
        match = re.fullmatch(r'(\w+)((?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (-?[\d.]+)', line)
        assert match, line
        assert match[1] in described
        assert match[1] + match[2] not in samples, "a sample that stands twice makes a collector refuse all of them"
        samples[match[1] + match[2]] = float(match[3])
    assert samples["bootwire_session_up"] == 1
    assert samples["bootwire_disk_read_bytes_total"] > 0
    assert samples['bootwire_boot_stage_seconds{stage="session"}'] > 0
    assert samples["bootwire_session_outages_total"] == status(up)["outages"]["count"]


def test_log_has_the_boot_and_what_came_after(up):
    text = up.booted.check(f"{CTL} log")
    assert re.search(r"^\[init\] +\d+ ms  root is ", text, re.MULTILINE)
    up.booted.check(f"{CTL} reconnect")
    log = up.booted.check(f"{CTL} log")
    assert re.search(r"^\[bootwire-keeper\] +\d+ ms  the session is back at ", log, re.MULTILINE)


def test_hardware_report_tells_drivers_and_nothing_of_its_owner(up):
    text = up.booted.check(f"{CTL} hardware-report")
    assert text.startswith("bootwire hardware report 1")
    for line in ("ability boot: works", "compatible: linux,dummy-virt"):
        assert re.search(rf"^{line}\r?$", text, re.MULTILINE), text
    assert re.search(r"^network: virtio_net, .*link is up", text, re.MULTILINE)
    assert re.search(r"^device: /\S+ \(arm,pl011\): uart-pl011", text, re.MULTILINE)
    address = up.booted.check("ip -4 -o addr show dev eth0").split()[3].split("/")[0]
    mac = up.booted.check("cat /sys/class/net/eth0/address")
    for own in (up.booted.serial, address, mac, SERVER, TARGET):
        assert own not in text, own


def test_what_it_does_not_know_it_says(up):
    for words in ("frobnicate", "status --xml", "reconnect now"):
        ran = up.booted.run(f"{CTL} {words}")
        assert ran.status == 2 and "--help" in ran.output, words
    for words in ("", "--help"):
        assert "exit status" in up.booted.check(f"{CTL} {words}")
    assert re.fullmatch(r"bootwirectl \d+\.\d+\.\d+", up.booted.check(f"{CTL} --version"))
