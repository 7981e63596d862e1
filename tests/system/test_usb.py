"""Mode usb: the whole disk at the USB port. dummy_hcd is the cable, the same kernel the computer at its end."""

from __future__ import annotations

import hashlib

import pytest
from image import Image
from workload import BOOT_TIME, Workload

from lab.dnsmasq import root_path
from lab.machine import Options
from lab.servers import TARGET
from lab.tgt import Disk, Target

USING = r"usb-host: using (\w+)\n"
CONSOLE = "bootwire.console=off"  # it is the computer's, whose shell listens there
END_TIME = 300
# SCSI_IOCTL_DOORUNLOCK, since whoever opens the disk locks it, and CDROMEJECT, which is START STOP UNIT.
EJECT = "perl -e 'open(D, q(<), q(/dev/{})) && ioctl(D, 0x5381, 0) && ioctl(D, 0x5309, 0) || die $!'"


def without_status_lines(check):
    """What a command printed, but for what init, which has the same console, said meanwhile."""

    def filtered(*words, **options) -> str:
        lines = check(*words, **options).splitlines()
        return "\n".join(line for line in lines if not line.startswith("[init] "))

    return filtered


def plug_in(rack, *words):
    """A Pi in mode usb, with a watchdog, and a computer at its port, whose shell lies on that disk."""
    lab = rack.before_init(modules=["dummy_hcd", "i6300esb"], programs=["usb-host"])
    pi = rack.boot("iscsi.mode=usb", CONSOLE, *words, lab, options=Options(extra=["-device", "i6300esb"]))
    pi.expect_stage("hardware watchdog", BOOT_TIME)
    pi.expect_stage(r"at the USB port", BOOT_TIME)
    pi.usb_disk = pi.console.expect(USING, BOOT_TIME)[1]
    pi.login(BOOT_TIME)
    pi.check = without_status_lines(pi.check)
    return pi


def sysfs(pi, name: str, disk: str = "") -> str:
    return pi.check(f"cat /sys/class/block/{disk or pi.usb_disk}/{name}").strip()


def test_several_luns_are_several_disks_and_an_ejected_one_is_empty(rack, disk):
    target = Target(TARGET, [
        Disk(rack.copy(disk("debian-fio")), 1),
        Disk(rack.copy(disk("tiny")), 2),
        Disk(rack.copy(disk("tiny-whole")), 3, block_size=4096),
    ])
    rack.tgt.add(target)
    rack.tgt.start()
    rack.serve(root_path=root_path(TARGET, lun=""))
    pi = plug_in(rack)
    mine = pi.check("grep -l bootwire /sys/class/block/sd?/device/vendor").split()
    names = {sysfs(pi, "size", path.split("/")[4]): path.split("/")[4] for path in mine}
    sizes = [str(copy.stat().st_size // 512) for copy in rack.copies]
    assert sorted(names) == sorted(sizes)
    other, large_blocks = names[sizes[1]], names[sizes[2]]
    assert [sysfs(pi, "queue/logical_block_size", name) for name in (other, large_blocks)] == ["512", "4096"]
    pi.check(f"dd if=/dev/{large_blocks} of=/dev/null bs=1M iflag=direct")
    pi.console.send_line(EJECT.format(other))
    pi.expect_stage("the computer has ejected a disk", 60)
    assert "No medium" in pi.run(f"dd if=/dev/{other} of=/dev/null count=1").output


@pytest.mark.parametrize("how", ["asked for", "of the LUN"])
def test_a_disk_that_is_read_only(rack, disk, how):
    rack.tgt.add(Target(TARGET, [Disk(rack.copy(disk("debian-fio")), 1, read_only=how == "of the LUN")]))
    rack.tgt.start()
    rack.serve()
    pi = plug_in(rack, *(["iscsi.usb=ro"] if how == "asked for" else []))
    assert sysfs(pi, "ro") == "1"
    assert pi.run(f"dd if=/dev/zero of=/dev/{pi.usb_disk} count=1 conv=fsync").status != 0


@pytest.mark.long
def test_a_disk_whose_target_is_away_for_too_long_is_taken_out_and_put_in_again(rack, disk):
    """The computer's shell lies on another disk of the target's, which it does not need meanwhile."""
    target = Target(TARGET, [Disk(rack.copy(disk("debian-fio")), 1), Disk(rack.copy(disk("tiny")), 2)])
    rack.tgt.add(target)
    rack.tgt.start()
    rack.serve(root_path=root_path(TARGET, lun=""))
    pi = plug_in(rack, "iscsi.recovery=5")
    others = (name for name in ("sdc", "sdd") if name != pi.usb_disk)
    other = next(name for name in others if "bootwire" in sysfs(pi, "device/vendor", name))
    read = f"dd if=/dev/{other} of=/dev/null bs=4k count=1 iflag=direct"
    pi.check(read)
    rack.tgt.kill()
    pi.expect_stage("away for too long: the disk is taken out", 120)
    rack.tgt.start()
    pi.expect_stage("the target is back: the disk is put in again", 120)
    pi.check(f"until {read}; do sleep 1; done", 60)


def test_an_end_without_the_target_is_given_up_to(rack, disk):
    rack.target(disk("debian-fio"))
    rack.serve()
    pi = plug_in(rack, "iscsi.shutdown=3")
    pi.check("dd if=/dev/zero of=/root/zeros bs=1M count=4")
    rack.tgt.kill()
    pi.console.send_line("kill -INT 1")
    pi.console.expect(r"giving up on sda|sda [^\n]* is away", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_board_without_such_a_port_says_so(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot("iscsi.mode=usb")
    pi.console.expect(r"failed: this board has no USB port that can show a disk to another computer", 90)
    pi.console.expect(r"what to check: [^\n]*iscsi\.mode=pivot", 10)


# One Pi from here on, and its server: the tests above have racks of their own.
@pytest.fixture(scope="module")
def plugged(module_rack, disk):
    with module_rack("virt", "usb") as rack:
        rack.target(disk("debian-fio"))
        rack.serve(lease="2m")
        rack.booted = plug_in(rack)
        yield rack


def test_the_computer_sees_the_whole_disk(plugged):
    pi = plugged.booted
    assert sysfs(pi, "size") == sysfs(pi, "size", "sda") == str(plugged.copies[0].stat().st_size // 512)
    assert sysfs(pi, "queue/logical_block_size") == sysfs(pi, "queue/logical_block_size", "sda")
    assert sysfs(pi, "device/vendor") == "bootwire"
    assert sysfs(pi, "device/model") == TARGET.split(":")[1]
    assert pi.check("nproc") == str(pi.cpus)


def test_files_are_what_they_are_on_the_target(plugged, tmp_path):
    Image(plugged.copies[0]).debugfs(f"dump /usr/bin/fio {tmp_path}/fio")
    there = hashlib.sha256((tmp_path / "fio").read_bytes()).hexdigest()
    assert plugged.booted.check("sha256sum /usr/bin/fio").split()[0] == there


def test_what_is_flushed_is_on_the_target(plugged):
    pi = plugged.booted
    pi.check("echo flushed-over-usb >/root/flushed && sync")
    with plugged.copies[0].open("rb") as file:
        assert any(b"flushed-over-usb" in chunk for chunk in iter(lambda: file.read(1 << 24), b""))


def test_fio_verifies_through_the_whole_chain_while_the_target_restarts(plugged):
    work = Workload(plugged.booted).start()
    plugged.tgt.kill()
    plugged.booted.expect_stage("connection to the target is lost; the computer has to wait", 60)
    plugged.tgt.start()
    plugged.booted.expect_stage("connection to the target is back after", 60)
    work.go_on()
    work.finish()


def test_the_screen_tells_how_much_is_carried(plugged):
    plugged.booted.check("dd if=/dev/zero of=/root/zeros bs=1M count=8 conv=fsync")
    plugged.booted.expect_stage(r"read [\d.]+ \w+ \([\d.]+ MB/s\), written [\d.]+ \w+", 60)


def test_the_lease_is_renewed_here_too(plugged):
    plugged.dhcp.await_ack()


def test_the_end_takes_the_disk_out_and_logs_out(plugged):
    """The last one on this Pi."""
    pi = plugged.booted
    pi.check("echo before-the-end >/root/written && sync && mount -o remount,ro /")
    pi.console.send_line("kill -INT 1")
    pi.expect_stage("logged out", END_TIME)
    pi.machine.wait(END_TIME)
    assert plugged.tgt.sessions() == []
    image = Image(plugged.copies[0])
    assert image.read("/root/written") == "before-the-end"
