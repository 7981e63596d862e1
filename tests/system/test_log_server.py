"""Each line of the boot, and of the keeper, on a log server."""

from __future__ import annotations

import re

import phrases
import pytest

from lab.dnsmasq import root_path
from lab.syslog import LogServer

SECRET = "MARKER-secret-of-14"


@pytest.fixture
def logs(lab_network):
    server = LogServer()
    yield server
    server.close()


def lines_on_the_console(pi) -> list[str]:
    return [f"{stage.ms} ms  {stage.text.strip()}" for stage in pi.stages()]


def test_the_server_of_option_7_has_every_line_also_those_from_before_the_network(rack, disk, logs):
    rack.target(disk("tiny"))
    rack.serve(extra=["dhcp-option=7,10.77.0.1"])
    pi = rack.boot()
    pi.console.expect(phrases.TINY_UP, 120)
    logs.expect("timeline: ")
    sent = [message.text.strip() for message in logs.messages if message.process == "init"]
    for line in lines_on_the_console(pi):
        assert line in sent, f"{line!r} is missing in:\n" + "\n".join(sent)
    assert len(sent) == len(set(sent)), "a line came twice"
    assert not logs.malformed
    assert {message.app for message in logs.messages} == {"bootwire"}
    assert {message.time for message in logs.messages} == {"-"}, "the Pi does not know the time"


def test_a_failure_comes_with_its_severity_and_names_the_pi(rack, disk, logs):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path("iqn.2026-11.test.lab:not-there"),
               extra=["dhcp-option=7,10.77.0.1", "dhcp-option=12,pi-in-the-rack"])
    rack.boot()
    message = logs.expect(r"failed: .*" + phrases.NO_SUCH_TARGET, 90)
    assert message.severity == 3
    assert message.host in ("pi-in-the-rack", message.sender)
    assert logs.expect("more about it").severity == 6


def test_the_command_line_names_another_server_and_no_secret_is_sent(rack, disk, logs):
    rack.target(disk("tiny"))
    rack.serve(extra=["dhcp-option=7,10.77.0.200"], names={"logs": "10.77.0.1"})
    pi = rack.boot("bootwire.log=logs.lab", "iscsi.username=pi", f"iscsi.password={SECRET}")
    pi.console.expect(phrases.TINY_UP, 120)
    logs.expect("timeline: ")
    assert SECRET not in logs.texts()


def test_the_keeper_s_lines_come_too(rack, disk, logs):
    rack.target(disk("tiny"))
    rack.serve(extra=["dhcp-option=7,10.77.0.1"])
    pi = rack.boot()
    pi.console.expect(phrases.TINY_UP, 120)
    rack.tgt.kill()
    logs.expect(phrases.SESSION_LOST, 90)
    lost = [message for message in logs.messages if re.search(phrases.SESSION_LOST, message.text)]
    assert {message.process for message in lost} == {"bootwire-keeper"}
    rack.tgt.start()
    logs.expect(phrases.SESSION_BACK, 90)
