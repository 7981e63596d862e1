"""Where each field of the plan comes from: the command line wins over DHCP, field by field."""

from __future__ import annotations

import phrases
import pytest

from lab.dnsmasq import root_path
from lab.servers import TARGET

UP = phrases.TINY_UP
WRONG = "iqn.2026-11.test.lab:not-this-one"
MINE = "iqn.2026-11.test.lab:mine"
CMDLINE = phrases.FROM_COMMAND_LINE


def boot(rack, disk, *words, **dhcp):
    rack.target(disk("tiny"))
    rack.serve(**dhcp)
    pi = rack.boot(*words)
    pi.console.expect(UP, 120)
    return pi


def said(pi, name, value, source):
    assert pi.console.seen(phrases.field(name, value, source)), [stage.text for stage in pi.stages()]


def test_with_dhcp_alone_every_field_is_dhcps(rack, disk):
    pi = boot(rack, disk, mode="pivot", initiator=MINE)
    said(pi, "target", TARGET, phrases.from_option(17))
    said(pi, "portals?", "10.77.0.1", phrases.from_option(17))
    said(pi, "LUN", "1", phrases.from_option(17))
    said(pi, "mode", "pivot", phrases.from_option(224))
    said(pi, "initiator", MINE, phrases.from_option(203))
    assert rack.tgt.sessions() == [MINE]


FIELDS = [
    ("target", f"iscsi.target={TARGET}", TARGET, {"root_path": root_path(WRONG)}),
    ("portals?", "iscsi.ip=10.77.0.1", "10.77.0.1", {"root_path": root_path(TARGET, server="10.77.0.99")}),
    ("portals?", "iscsi.port=3260", "3260", {"root_path": root_path(TARGET, port="3999")}),
    ("LUN", "iscsi.lun=1", "1", {"root_path": root_path(TARGET, lun="7")}),
    ("mode", "iscsi.mode=pivot", "pivot", {"mode": "usb"}),
    ("initiator", f"iscsi.initiator={MINE}", MINE, {"initiator": WRONG}),
]


@pytest.mark.parametrize("name, word, value, dhcp", FIELDS, ids=[field[1].split("=")[0] for field in FIELDS])
def test_the_command_line_wins(rack, disk, name, word, value, dhcp):
    pi = boot(rack, disk, word, **dhcp)
    if "port" not in word:
        said(pi, name, value, CMDLINE)


def test_the_other_fields_stay_dhcps(rack, disk):
    pi = boot(rack, disk, f"iscsi.target={TARGET}", root_path=root_path(WRONG), initiator=MINE)
    said(pi, "portals?", "10.77.0.1", phrases.from_option(17))
    said(pi, "initiator", MINE, phrases.from_option(203))


def test_with_everything_on_the_command_line_option_17_is_not_needed(rack, disk):
    pi = boot(rack, disk, "iscsi.ip=10.77.0.1", f"iscsi.target={TARGET}", "iscsi.lun=1", root_path=None)
    said(pi, "target", TARGET, CMDLINE)


MALFORMED = (
    "iscsi.lun=banana",
    "iscsi.port=99999",
    "iscsi.mode=teleport",
    "iscsi.initiator=not_a_name",
    "iscsi.target=not_a_name",
)


def test_malformed_values_are_named_with_their_form_and_dhcps_are_used(rack, disk):
    pi = boot(rack, disk, *MALFORMED, mode="pivot", initiator=MINE)
    for word in MALFORMED:
        key, value = word.split("=")
        line = rf"{phrases.WARNING}[^\n]*{key}[^\n]*{value}[^\n]*command line[^\n]*{phrases.UNUSABLE}[^\n]*expected"
        assert pi.console.seen(line), [stage.text for stage in pi.stages()]


def test_a_malformed_mode_from_dhcp_is_named_and_pivot_is_used(rack, disk):
    pi = boot(rack, disk, mode="teleport")
    assert pi.console.seen(rf"{phrases.WARNING}[^\n]*teleport")
    said(pi, "mode", "pivot", phrases.FROM_DEFAULT)


def test_a_misspelt_key_is_pointed_out(rack, disk):
    pi = boot(rack, disk, f"iscsi.tarket={WRONG}")
    assert pi.console.seen(rf"{phrases.WARNING}[^\n]*iscsi\.tarket[^\n]*iscsi\.target")


def test_several_addresses_are_tried_in_order(rack, disk):
    pi = boot(rack, disk, "iscsi.ip=10.77.0.99", "iscsi.ip=10.77.0.1")
    assert pi.console.seen(r"10\.77\.0\.99")
