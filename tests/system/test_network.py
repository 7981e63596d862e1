"""DHCP, links and switches as they are: the Pi waits, says for what, and boots once it can."""

from __future__ import annotations

import time

import phrases
import pytest
from extent import with_all

from lab.dnsmasq import root_path
from lab.servers import TARGET
from lab.waiting import wait_until

UP = phrases.TINY_UP


@pytest.fixture
def silent(rack, disk):
    """A target, and a Pi that starts from its card: no DHCP server yet."""
    rack.target(disk("tiny"))
    pi = rack.pi()
    pi.insert_card(rack.root)
    rack.silent_pi = pi
    return rack


def test_without_dhcp_the_pi_asks_on_and_a_late_server_boots_it(silent):
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    pi.console.expect(phrases.more_about("No DHCP answer"), 30)
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    assert pi.machine.running()
    silent.serve()
    pi.console.expect(UP, 120)


def test_a_root_path_that_cannot_be_used_is_quoted_with_the_form_it_should_have(rack):
    rack.serve(root_path="iscsi:10.77.0.1:::0x1:iqn.2026-11.test.lab:pi-root")
    pi = rack.boot()
    why = r'DHCP offer from [^\n]*option 17[^\n]*"0x1" is not hexadecimal[^\n]*expected iscsi:'
    pi.expect_stage(f"{phrases.WARNING}eth0: {why}", 60)
    pi.expect_stage(r'the DHCP offer cannot be used[^\n]*"0x1"', 60)


def test_offers_without_option_17_are_named_and_a_better_server_boots(silent):
    pi = silent.silent_pi
    silent.serve(root_path=None)
    pi.start()
    pi.console.expect(phrases.OFFER_WITHOUT_ROOT, 90)
    silent.change(root_path=root_path(TARGET))
    pi.console.expect(UP, 180)


def test_of_several_servers_the_one_with_a_root_path_is_used(silent):
    silent.another_dhcp(root_path=None)
    silent.another_dhcp("10.77.0.4", root_path=root_path(TARGET), first="10.77.0.220", last="10.77.0.229")
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(UP, 120)
    assert pi.console.seen(phrases.field("target", TARGET, r"from DHCP option 17 from 10\.77\.0\.4"))


def test_a_nak_is_followed_by_asking_anew(silent):
    server = silent.scripted_dhcp("--nak", "2")
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(phrases.NAK, 90)
    pi.console.expect(UP, 120)
    assert server.output().count("sent NAK") == 2


def test_a_server_that_says_all_in_its_last_word_and_not_who_it_is(silent):
    """Option 17 in the ACK alone, no option 54, and not from port 67."""
    silent.scripted_dhcp("--odd")
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(UP, 120)


def test_lost_dhcp_packets_are_sent_again(silent):
    server = silent.scripted_dhcp("--ignore", "2", "--lose-ack", "1")
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(UP, 180)
    assert server.output().count("got REQUEST") >= 2


def test_a_cable_that_is_plugged_in_late(silent):
    pi = silent.silent_pi
    silent.serve()
    pi.start(cable=False)
    pi.console.expect(phrases.NO_LINK, 90)
    pi.console.expect(phrases.more_about("No link"), 30)
    pi.machine.link(True)
    pi.console.expect(UP, 120)


def test_a_switch_that_learns_before_it_forwards(silent):
    """Spanning tree: the link is up, and for a while nothing gets through."""
    pi = silent.silent_pi
    silent.serve()
    pi.start(forwarding=False)
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    pi.tap.forward(True)
    pi.console.expect(UP, 120)


@pytest.mark.long
def test_a_switch_that_learns_for_forty_seconds(silent):
    pi = silent.silent_pi
    silent.serve()
    pi.start(forwarding=False)
    time.sleep(40)
    pi.tap.forward(True)
    pi.console.expect(UP, 120)


def test_a_dhcp_server_that_restarts_and_forgets(rack, disk):
    """The lease of the firmware's own boot is gone when init asks."""
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.pi()
    pi.fetch()
    rack.dhcp.restart(forget_leases=True)
    pi.start()
    pi.console.expect(UP, 120)


def test_an_address_that_somebody_has_is_declined(silent):
    silent.host("squatter", "10.77.0.50")
    server = silent.scripted_dhcp()
    pi = silent.silent_pi
    pi.start()
    pi.console.expect(phrases.IN_USE, 120)
    wait_until(server.output, "DECLINE", 30, 0.2, fits=lambda said: "got DECLINE" in said)


def test_a_server_named_by_dns(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, server="nas.lab"), names={"nas": "10.77.0.1"})
    rack.boot().console.expect(UP, 120)


def test_a_name_that_dns_does_not_know_is_named_and_waited_for(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, server="nas.lab"))
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*nas\.lab", 90)
    rack.change(names={"nas": "10.77.0.1"})
    pi.console.expect(UP, 120)


def portal(address):
    return f"iscsi.ip={address}", f"iscsi.target={TARGET}", "iscsi.lun=1"


def test_a_static_address_needs_no_dhcp(rack, disk):
    """Nobody is asked, although there is a server that would answer."""
    rack.target(disk("tiny"))
    server = rack.serve(root_path=root_path("iqn.2026-11.test.lab:another"))
    pi = rack.pi("ip=10.77.0.66::10.77.0.1:255.255.255.0:pi-static:eth0:none", *portal("10.77.0.1"))
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    assert "DHCPDISCOVER" not in server.log()
    pi.login()
    assert "inet 10.77.0.66/24" in pi.check("ip address show eth0")
    assert "default via 10.77.0.1" in pi.check("ip route show")
    assert pi.check("hostname") == "pi-static"


def test_a_static_address_that_is_its_own_gateway_is_named(rack):
    pi = rack.pi("ip=10.77.0.50::10.77.0.50:255.255.255.0", "iscsi.ip=10.77.0.1")
    pi.insert_card(rack.root)
    pi.start()
    pi.expect_stage(r"ip= is not in use")
    pi.console.expect(phrases.more_about("A setting is not usable"), 30)


def check_only_tagged(pi, address):
    """The address is in the VLAN, and none is beside it."""
    assert f"inet {address}" in pi.check("ip address show eth0.10")
    assert "inet " not in pi.check("ip address show eth0")


def test_with_vlan_everything_happens_in_it(rack, disk):
    """An untagged server is there as well, and would lead astray."""
    untagged = rack.serve(root_path=root_path("iqn.2026-11.test.lab:another"))
    vlan = rack.vlan(10)
    rack.target(disk("tiny"))
    server = rack.dhcp_in(vlan)
    pi = rack.pi("vlan=10")
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    assert "DHCPACK" in server.log()
    assert "DHCPDISCOVER" not in untagged.log()
    pi.login()
    check_only_tagged(pi, vlan.host(1)[:-1])


def test_a_static_address_in_a_vlan(rack, disk):
    vlan = rack.vlan(10)
    rack.target(disk("tiny"))
    address = f"ip={vlan.host(66)}::{vlan.address}:255.255.255.0:pi-static:eth0:none"
    pi = rack.pi("vlan=10", address, *portal(vlan.address))
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    pi.login()
    check_only_tagged(pi, f"{vlan.host(66)}/24")


def test_an_mtu_that_no_host_may_have_is_named_and_not_used(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(extra=["dhcp-option=26,100"])
    pi = rack.boot()
    pi.expect_stage(rf'{phrases.WARNING}MTU: "100" from DHCP option 26', 60)
    pi.console.expect(UP, 120)
    pi.login()
    assert "mtu 1500" in pi.check("ip link show eth0")


def test_what_dhcp_says_of_the_network_is_done(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(extra=["dhcp-option=26,1400", "dhcp-option=121,192.168.7.0/24,10.77.0.9,0.0.0.0/0,10.77.0.1"])
    pi = rack.boot()
    pi.console.expect(UP, 120)
    pi.login()
    assert "mtu 1400" in pi.check("ip link show")
    routes = pi.check("ip route show")
    assert "192.168.7.0/24 via 10.77.0.9" in routes
    assert "default via 10.77.0.1" in routes
    assert "10.77.0.1" in pi.check("cat /etc/resolv.conf")


@pytest.mark.parametrize("board", ["raspi4b", *with_all("raspi3b")])
def test_usb_network_adapters_that_come_late_are_waited_for(make_rack, disk, board):
    """That of QEMU's Raspberry Pis shows up some time after init has started."""
    rack = make_rack(board)
    rack.target(disk("tiny"))
    rack.serve()
    rack.boot().console.expect(UP, 240)
