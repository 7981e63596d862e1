"""A session outlives every loss: the target's, the network's and the address's. fio writes and verifies throughout."""

from __future__ import annotations

import os
import re
import signal
import time

import adapter
import pytest
from workload import Workload, boot_bare, boot_whole

from lab.dnsmasq import root_path
from lab.pi import VirtualPi
from lab.servers import TARGET, Rack
from lab.tgt import Tgt
from lab.waiting import wait_until


@pytest.fixture(scope="module")
def direct(module_rack, disk, request):
    """A Debian whose target has nothing in front of it. The tests take turns, each leaves it as it was."""
    boot = boot_whole if request.config.getoption("--all") else boot_bare
    with module_rack("virt", "direct") as rack:
        rack.target(disk("debian-fio"))
        rack.serve(lease="2m")
        rack.booted = boot(rack)
        yield rack


@pytest.fixture
def work(direct):
    """fio on that Debian; what it says at the end is part of each test."""
    work = Workload(direct.booted).start()
    yield work
    work.finish()


def away(rack: Rack, work: Workload, seconds: float) -> None:
    """The target dies in the middle of writes, and is back after so long."""
    rack.tgt.kill()
    time.sleep(seconds)
    assert work.pi.check("read s </sys/class/iscsi_connection/connection1:0/state; echo $s") != "up"
    rack.tgt.start()
    rack.tgt.await_session()
    work.go_on()


def assert_services_unharmed(pi: VirtualPi) -> None:
    """Nobody took their waiting for the disk for a hang: systemd's own have WatchdogSec=3min."""
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    for service in ("systemd-journald", "systemd-logind", "systemd-udevd"):
        assert pi.check(f"systemctl show -P NRestarts {service}") == "0", service


def test_a_target_that_is_killed_and_back_after_a_second(direct, work):
    away(direct, work, 1)


def test_a_target_that_is_killed_again_and_again(direct, work):
    for pause in (0, 3, 0.5, 2):
        direct.tgt.kill()
        time.sleep(pause)
        direct.tgt.start()
        direct.tgt.await_session()
    work.go_on()


AVAILABLE = "while read name value unit; do [ $name != MemAvailable: ] || echo $value; done </proc/meminfo"


def test_a_machine_whose_memory_is_full_of_what_the_disk_cannot_take(direct, work):
    """To get the session back, nothing may be needed that only the disk could free."""
    pi = work.pi
    spare = int(pi.check(AVAILABLE)) // 1024 - 64
    pi.check("mkdir -p /run/hog && mount -t tmpfs -o size=100% hog /run/hog")
    pi.check(f"dd if=/dev/zero of=/run/hog/held bs=1M count={spare} 2>/dev/null", 120)
    assert int(pi.check(AVAILABLE)) < 128 << 10
    pi.check("dd if=/dev/zero of=/root/big bs=1M count=200 2>/dev/null & sleep 1")
    direct.tgt.kill()
    time.sleep(15)
    direct.tgt.start()
    direct.tgt.await_session()
    work.go_on()
    pi.check("umount /run/hog; pkill dd; rm -f /root/big")


@pytest.mark.long
@pytest.mark.parametrize("seconds", [60, 200])  # 200: longer than the kernel waits for a command that it retries
def test_a_target_that_is_away_for_long(direct, work, seconds):
    away(direct, work, seconds)
    away(direct, work, 2)
    assert_services_unharmed(direct.booted)


def test_packets_dropped_silently_for_longer_than_every_ping(direct, work):
    direct.booted.tap.forward(False)
    time.sleep(16)
    direct.booted.tap.forward(True)
    work.go_on()
    assert any("pings" in loss for loss in work.losses())


@pytest.mark.long
def test_packets_dropped_again_and_again(direct, work):
    for seconds in (1, 4, 8, 11, 14, 20, 40):
        direct.booted.tap.forward(False)
        time.sleep(seconds)
        direct.booted.tap.forward(True)
        work.go_on()


def test_a_session_that_the_target_drops(direct, work):
    for _ in range(3):
        seen = len(work.returns())
        direct.tgt.drop_sessions()
        wait_until(lambda: len(work.returns()) > seen, "the return of the dropped session", 60, 0.5)


@pytest.mark.long
def test_a_cable_that_is_out_for_a_while(direct, work):
    direct.booted.machine.link(False)
    time.sleep(150)  # the lease of two minutes ends meanwhile
    direct.booted.machine.link(True)
    work.go_on()


def test_an_adapter_that_is_reset_and_there_again_as_another_interface(direct, work):
    """Long enough that the kernel gives the connection up: the new interface alone brings it back."""
    before = address_of(work)
    adapter.reset(work.pi, 15)
    work.go_on()
    assert address_of(work) == before
    assert "link is up" in work.pi.check("/run/bootwire/bootwirectl status")


def address_of(work: Workload) -> list[str]:
    return re.findall(r"inet (\S+)", work.pi.check("ip -color=never -4 -o address show dev eth0"))


def renumber(rack: Rack, third: int) -> None:
    """Another range, and nobody remembers who had what: the next renewal is refused."""
    assert rack.dhcp
    rack.dhcp.stop()
    (rack.dhcp.directory / "leases").unlink(missing_ok=True)
    rack.change(first=f"10.77.0.{third}", last=f"10.77.0.{third + 9}")


def await_address(work: Workload, beginning: str) -> None:

    def all_new(addresses: list[str]) -> bool:
        return all(address.startswith(beginning) for address in addresses)

    wait_until(lambda: address_of(work), f"an address {beginning}…", 200, 1, fits=all_new)


def test_an_address_that_changes_when_the_cable_is_back(direct, work):
    renumber(direct, 150)
    direct.booted.machine.link(False)
    time.sleep(2)
    direct.booted.machine.link(True)
    await_address(work, "10.77.0.15")
    work.go_on()
    assert any("address" in loss for loss in work.losses())
    assert re.search(r"10\.77\.0\.15\d", direct.tgt.admin("--op", "show", "--mode", "target"))


@pytest.mark.long
def test_an_address_that_changes_at_a_renewal(direct, work):
    renumber(direct, 160)
    await_address(work, "10.77.0.16")
    work.go_on()
    assert any("address" in loss for loss in work.losses())


@pytest.mark.long
def test_a_dhcp_server_that_is_gone_for_longer_than_the_lease(direct, work):
    before = address_of(work)
    direct.dhcp.stop()
    time.sleep(150)
    assert address_of(work) == before, "the disk is still reached with it"
    work.go_on()
    assert not work.losses()
    direct.dhcp.start()
    direct.dhcp.await_ack()


@pytest.mark.long
def test_a_bad_cable(direct, work):
    """The last one on this Debian: the cable stays."""
    wire = direct.wire(direct.booted)
    wire.be(lose=0.02, reorder=0.1, repeat=0.02, delay=0.01)
    time.sleep(15)
    count = wire.count()
    assert min(count["lose"], count["reorder"], count["repeat"], count["delay"]) > 0, count
    wire.be()
    work.go_on()


def test_a_dhcp_server_that_is_replaced_while_the_cable_is_out(rack, disk):
    """The new one knows nothing of the lease, which would hold for an hour, and has another range."""
    rack.target(disk("debian-fio"))
    rack.serve()
    pi = boot_bare(rack)
    work = Workload(pi).start()
    pi.machine.link(False)
    rack.dhcp.stop()
    rack.another_dhcp(first="10.77.0.210", last="10.77.0.219")
    pi.machine.link(True)
    await_address(work, "10.77.0.21")
    work.go_on()
    assert any("address" in loss for loss in work.losses())
    work.finish()


@pytest.fixture
def two_ways(make_rack, disk):
    """A Debian whose disk two machines can serve, one at a time."""
    rack = make_rack()
    rack.target(disk("debian-fio"))
    other = Tgt(rack.directory / "other", "10.77.0.4", host=rack.host("nas2", "10.77.0.4"))
    other.add(rack.tgt.targets[0])
    rack.serve(root_path=f"{root_path(TARGET)} {root_path(TARGET, server='10.77.0.4')}")
    rack.booted = boot_bare(rack)
    yield rack, other
    other.stop()


def test_the_other_portal_takes_over_and_back(two_ways):
    rack, other = two_ways
    work = Workload(rack.booted).start()
    rack.tgt.kill()
    other.start()
    other.await_session()
    work.go_on()
    other.kill()
    rack.tgt.start()
    rack.tgt.await_session()
    work.go_on()
    work.finish()


# What TEST UNIT READY says to a program: SG_IO (scsi/sg.h), of a struct sg_io_hdr of 88 bytes.
SENSE = (
    "perl -e 'open(D, q(<), q(/dev/sda)) || die; $s = chr(0) x 32; vec($s, 0, 8) = 0; $c = chr(0) x 6; "
    "$h = pack(q(iiCCSIx8PPIx44), 83, -1, 6, 32, 0, 0, $c, $s, 9000); ioctl(D, 0x2285, $h) || die $!; "
    "printf(q(%x/%02x/%02x), unpack(q(x2Cx9CC), $s))'"
)


def test_a_portal_that_goes_to_standby_and_tells_nobody_before(make_rack, disk):
    """It refuses the next command: of the disk, or a program's, who is to see that. Without digests, as the doors."""
    rack = make_rack()
    doors = [rack.fault_proxy(port) for port in (3290, 3291)]
    rack.target(disk("debian-fio"))
    rack.serve()
    portals = [f"iscsi.ip=10.77.0.1:{port}" for port in (3290, 3291, 3260)]
    pi = boot_bare(rack, *portals, f"iscsi.target={TARGET}", "iscsi.lun=1", "iscsi.portals=named",
                   "iscsi.header_digest=None", "iscsi.data_digest=None")
    work = Workload(pi)
    assert pi.check(f"sync; {SENSE}") == "0/00/00"
    doors[0].go_to_standby(0, announced=False)
    assert pi.check(SENSE) == "2/04/0b"
    work.start()
    doors[1].go_to_standby(0, announced=False)
    work.go_on()
    work.finish()
    assert ["takes no I/O (standby)" in loss for loss in work.losses()] == [True, True]
    assert [re.findall(r"back at 10\.77\.0\.1:(\d+)", back) for back in work.returns()] == [["3291"], ["3260"]]


@pytest.fixture
def named(make_rack, disk):
    """A disk whose portal has a name, which means two machines; one serves it at a time.

    Nobody answers DNS after the boot.
    """
    rack = make_rack()
    rack.target(disk("tiny"))
    other = Tgt(rack.directory / "other", "10.77.0.4", host=rack.host("nas2", "10.77.0.4"))
    other.add(rack.tgt.targets[0])
    # Of six name servers, each of which would be waited for, the first is there during the boot.
    rack.serve(root_path=root_path(TARGET, server="nas.lab"), dns=",".join(f"10.77.0.{n}" for n in (1, 5, 6, 7, 8, 9)),
               extra=[f"host-record=nas.lab,{address}" for address in ("10.77.0.1", "10.77.0.4")])
    pi = rack.booted = rack.boot()
    pi.login(120)
    pi.check("mount -o remount,rw /")
    rack.dhcp.stop()
    yield rack, other
    other.stop()


def write(pi) -> None:
    pi.check("date >/goes-on && sync", 60)


def test_a_name_server_that_is_away_together_with_the_target(named):
    rack, _ = named
    for seconds in (3, 12):
        rack.tgt.kill()
        time.sleep(seconds)
        rack.tgt.start()
        rack.tgt.await_session(20)
        write(rack.booted)


def test_the_other_address_of_the_same_name_takes_over_and_back(named):
    rack, other = named
    rack.tgt.kill()
    other.start()
    other.await_session()
    write(rack.booted)
    other.kill()
    rack.tgt.start()
    rack.tgt.await_session()
    write(rack.booted)


def await_line(pi, line: str, seconds: float) -> None:
    """The keeper says it. What this takes of the disk is in memory once it has been used."""
    pi.check(f"until dmesg | grep -q '{line}'; do sleep 1; done", seconds)


def test_a_target_that_hangs_and_then_loses_its_power(make_rack, disk):
    """It takes connections and answers no login, for which the Pi has ever more patience.

    But not with who is no longer there.
    """
    rack = make_rack()
    host = rack.host("nas", "10.77.0.4")
    rack.tgt.address, rack.tgt.host = "10.77.0.4", host
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, server="10.77.0.4"))
    pi = rack.boot()
    pi.login(120)
    pi.check("mount -o remount,rw /; dmesg | grep -q keeper; sleep 0")
    os.kill(rack.tgt.process.pid, signal.SIGSTOP)
    await_line(pi, "does not answer the login", 90)
    time.sleep(15)  # within the third attempt, which has 15 to 25 s for an answer
    host.run("ip", "link", "set", "eth0", "down")
    rack.tgt.kill()
    time.sleep(1)
    host.run("ip", "link", "set", "eth0", "up")
    rack.tgt.start()
    await_line(pi, "the login at .* broke off", 30)
    rack.tgt.await_session(20)
    write(pi)


@pytest.mark.long
def test_a_portal_that_the_target_gets_later_is_learnt_after_a_return(make_rack, disk):
    rack = make_rack()
    host = rack.host("nas", "10.77.0.4")
    host.run("ip", "address", "add", "10.77.0.5/24", "dev", "eth0")
    rack.tgt.address, rack.tgt.host = "10.77.0.4", host
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, server="10.77.0.4"))
    pi = rack.boot()
    pi.login(120)
    rack.tgt.kill()
    rack.tgt.further = ("10.77.0.5",)
    rack.tgt.start()
    await_line(pi, r"the target says that it is at 10\.77\.0\.5:3260, too", 240)  # a minute or two after the return
