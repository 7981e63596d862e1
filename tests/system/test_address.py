"""What the keeper does for the address that the root disk is reached with, and for the ways there."""

from __future__ import annotations

import re
import time

import adapter
import phrases
import pytest
from writing import writing

from lab.dnsmasq import root_path
from lab.machine import Options
from lab.network import Tap
from lab.servers import TARGET
from lab.waiting import wait_until

UP = phrases.TINY_UP
BACK = "the network as it was"
T1 = 60  # seconds: dnsmasq's shortest lease is two minutes


def boot(rack, disk, *words, **served):
    rack.target(disk("tiny"))
    rack.serve(lease="2m", **served)
    pi = rack.boot(*words)
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    return pi


def write(pi) -> None:
    pi.check("echo still here >/root/written && sync", timeout=60)


def network(pi) -> str:
    """Without the interface's number, which an adapter that is reset does not keep."""
    return pi.check("ip -4 -o address show dev eth0; ip -4 route show").split(": ", 1)[-1]


@pytest.fixture(scope="module")
def up(module_rack, disk):
    with module_rack("virt", "address") as rack:
        pi = boot(rack, disk)
        rack.network = network(pi)
        rack.booted = pi
        yield rack


@pytest.mark.parametrize("command", [
    "ip address flush dev eth0",
    "ip route del default",
    "ip link set eth0 down",
    "ip link set eth0 down; ip link set eth0 up",
    "ip address flush dev eth0; ip link set eth0 down",
])
def test_what_somebody_takes_from_the_interface_is_put_back(up, command):
    pi = up.booted
    with writing(pi):
        pi.run(command)
        wait_until(lambda: network(pi) == up.network, BACK, 30, 0.5)
        write(pi)
    assert pi.check("cat /sys/class/iscsi_session/session1/state") == "LOGGED_IN"


def test_what_is_not_ours_on_the_interface_can_be_taken_away(up):
    pi = up.booted
    pi.check("ip address add 10.99.0.1/24 dev eth0; ip route add 10.98.0.0/16 dev eth0")
    pi.check("ip route del 10.98.0.0/16; ip address del 10.99.0.1/24 dev eth0")
    time.sleep(6)  # longer than the keeper's pause before it puts something back again
    assert network(pi) == up.network


def test_a_static_address_is_put_back_too(rack, disk):
    rack.target(disk("tiny"))
    pi = rack.pi("ip=10.77.0.66::10.77.0.1:255.255.255.0:pi-static:eth0:none", "iscsi.ip=10.77.0.1",
                 f"iscsi.target={TARGET}", "iscsi.lun=1")
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    before = network(pi)
    assert "10.77.0.66/24" in before and "default via 10.77.0.1" in before
    with writing(pi):
        pi.run("ip address flush dev eth0; ip route del default")
        wait_until(lambda: network(pi) == before, BACK, 30, 0.5)
        write(pi)


def test_the_name_that_the_system_gives_itself_reaches_the_dhcp_server(up):
    """As /etc/hostname does: a system sets it some time after the switch."""
    up.booted.check("hostname pi-of-the-disk")
    wait_until(lambda: [lease.split()[3] for lease in up.dhcp.leases()], "the name in the server's leases",
               30, 0.5, fits=lambda names: "pi-of-the-disk" in names)


@pytest.mark.parametrize("seconds", [0, 20])
def test_an_adapter_that_is_there_again_as_another_interface_gets_all_back(up, seconds):
    pi = up.booted
    answers = up.dhcp.log().count("DHCPACK")
    adapter.reset(pi, seconds)
    write(pi)
    wait_until(lambda: network(pi) == up.network, BACK, 30, 0.5)
    wait_until(lambda: up.dhcp.log().count("DHCPACK") > answers, "another lease", 30, 0.5)


def test_the_vlan_on_an_adapter_that_is_there_again_is_made_again(rack, disk):
    vlan = rack.vlan(10)
    rack.target(disk("tiny"))
    rack.dhcp_in(vlan)
    pi = rack.pi("vlan=10")
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    adapter.reset(pi, 20)
    write(pi)
    assert f"inet {vlan.host(1)[:-1]}" in pi.check("ip address show eth0.10")


def test_name_servers_of_a_renewed_lease_reach_the_os_and_the_keeper(rack, disk):
    pi = boot(rack, disk, root_path=root_path(TARGET, server="nas.lab"), names={"nas": "10.77.0.1"})
    assert "nameserver 10.77.0.1" in pi.check("cat /etc/resolv.conf")
    rack.another_dhcp("10.77.0.2", names={"nas": "10.77.0.1"})
    rack.change(dns="10.77.0.2", names={})
    wait_until(lambda: "nameserver 10.77.0.2" in pi.check("cat /etc/resolv.conf"), "the new name server", 2 * T1, 0.5)
    assert "10.77.0.1" not in pi.check("cat /etc/resolv.conf")
    # Only the new server knows where the target is.
    rack.tgt.kill()
    rack.tgt.start()
    rack.tgt.await_session()
    write(pi)
    # open-iscsi's records have addresses: by this one it sees that it need not log in.
    assert pi.check("cat /sys/class/iscsi_connection/connection1:0/persistent_address") == "10.77.0.1"


def test_a_file_that_is_shown_in_place_of_the_disks_is_not_edited_in_vain(up):
    pi = up.booted
    shown = pi.check("cat /etc/resolv.conf")
    assert "Read-only" in pi.run("echo nameserver 9.9.9.9 >>/etc/resolv.conf").output
    assert pi.run("echo nameserver 9.9.9.9 >/tmp/new; mv -f /tmp/new /etc/resolv.conf").status != 0
    pi.check("mkdir -p /tmp/disk; mount -o bind / /tmp/disk; "
             "echo nameserver 9.9.9.9 >>/tmp/disk/etc/resolv.conf; umount /tmp/disk")
    assert pi.check("cat /etc/resolv.conf") == shown
    pi.check("mount -o bind / /tmp/disk")
    assert pi.check("cat /tmp/disk/etc/resolv.conf; umount /tmp/disk") == "nameserver 9.9.9.9"


def test_a_server_that_refuses_to_renew_and_gives_another_address_moves_the_session(rack, disk):
    pi = boot(rack, disk, first="10.77.0.100", last="10.77.0.109")
    assert "10.77.0.10" in network(pi)
    rack.dhcp.stop()
    (rack.dhcp.directory / "leases").unlink()
    rack.change(first="10.77.0.150", last="10.77.0.159")
    with writing(pi):
        wait_until(lambda: network(pi), "the other address", 3 * T1, 0.5,
                   fits=lambda there: "10.77.0.15" in there and "10.77.0.10" not in there)
        write(pi)
    assert "default via 10.77.0.1" in network(pi)
    assert "10.77.0.15" in rack.tgt.admin("--op", "show", "--mode", "target"), "the session is at the new address"


@pytest.fixture
def second_port():
    """Of the switch, for a second network card."""
    port = Tap("second")
    yield ["-netdev", f"tap,id=net1,ifname={port.name},script=no,downscript=no",
           "-device", "virtio-net-device,netdev=net1,mac=b8:27:eb:00:00:02"]
    port.remove()


def test_an_address_for_which_the_pis_own_second_interface_answers_is_not_declined(rack, disk, second_port):
    """Both are on one network, and Linux answers for an address at whichever interface somebody asks."""
    rack.target(disk("tiny"))
    server = rack.scripted_dhcp("--nak-renewals", "1")
    pi = rack.pi(options=Options(cpus=2, extra=second_port))
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    first = re.search(r"(eth\d) +inet 10\.77\.0\.50", pi.check("ip -4 -o address show"))
    assert first
    pi.check(f"ip link set {'eth1' if first[1] == 'eth0' else 'eth0'} up")
    assert "b8:27:eb:00:00:02" in pi.check("cat /sys/class/net/eth*/address")
    pi.check("hostname pi-of-the-disk")  # which the keeper tells the server, and that refuses to renew

    def granted_anew(said: str) -> bool:
        return "sent ACK" in said.partition("sent NAK")[2]
    wait_until(server.output, "another lease", 60, 0.5, fits=granted_anew)
    time.sleep(10)  # until the keeper has asked whether anybody has the address, and long enough for an answer
    assert "got DECLINE" not in server.output()
    assert "in use" not in pi.check("dmesg")
    assert "inet 10.77.0.50/24" in pi.check(f"ip -4 -o address show dev {first[1]}")
    write(pi)


def test_another_portal_that_the_target_names_is_used_when_the_first_is_gone(rack, disk):
    """The Pi is sent to a door before the target, which itself names only its own."""
    door = rack.fault_proxy()
    pi = boot(rack, disk, root_path=root_path(TARGET, port=str(door.port)))
    wait_until(lambda: pi.run("dmesg | grep 'the target says'").output, "the target's list", 60, 0.5,
               fits=lambda said: "10.77.0.1:3260" in said)
    door.stop()
    back = "dmesg | grep 'session is back at 10.77.0.1:3260'"
    wait_until(lambda: pi.run(back).status == 0, "the session's return", 60, 0.5)
    write(pi)


STANDBY = r"takes no commands by this portal \(sense 2/04/0b\)"


def boot_by_a_door(rack, disk, door):
    """At the portal that may be on standby first, then at the target's own; without digests, as the door has none."""
    return boot(rack, disk, f"iscsi.ip=10.77.0.1:{door.port}", "iscsi.ip=10.77.0.1:3260", f"iscsi.target={TARGET}",
                "iscsi.lun=1", "iscsi.portals=named", "iscsi.header_digest=None", "iscsi.data_digest=None")


def test_a_portal_that_is_on_standby_at_boot_is_left_for_another_one(rack, disk):
    door = rack.fault_proxy()
    door.standby(True)
    pi = boot_by_a_door(rack, disk, door)
    assert pi.console.seen(STANDBY)
    write(pi)


def test_a_portal_that_goes_on_standby_is_left_before_the_disk_sees_an_error(rack, disk):
    """As at a failover of its storage."""
    door = rack.fault_proxy()
    pi = boot_by_a_door(rack, disk, door)
    with writing(pi):
        door.standby(True)
        door.cut()
        write(pi)
    assert door.count()["turned down"] > 0
    assert "session is back at 10.77.0.1:3260" in pi.check("dmesg")
    assert "I/O error" not in pi.check("dmesg")


def test_a_portal_that_says_it_is_going_over_to_standby_is_left_before_it_is(rack, disk):
    """Each session hears of the change with its next command. The kernel waits while the portal goes over, and no
    longer: then the disk would see an error."""
    door = rack.fault_proxy()
    pi = boot_by_a_door(rack, disk, door)
    with writing(pi):
        door.go_to_standby(4, announced=True)
        write(pi)
    assert door.count()["turned down"] > 0
    log = pi.check("dmesg")
    assert "its ways to the disk have changed" in log
    assert "session is back at 10.77.0.1:3260" in log
    assert "I/O error" not in log
