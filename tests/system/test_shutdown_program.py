"""The program that ends the system, and the keeper beside it, where the root stays in use: as under sysvinit."""

from __future__ import annotations

import re
import time

import pytest
from ending import AWAY, END_TIME, GIVEN_UP, IN_PLACE, ORDER, check_arrived, check_order, end, tiny, write
from image import Image

from lab.dnsmasq import root_path
from lab.machine import Options
from lab.servers import TARGET


@pytest.mark.parametrize("verb", ["reboot", "poweroff", "kexec"])
def test_the_program_ends_a_system_whose_root_stays_in_use(rack, disk, verb):
    """As sysvinit's scripts start it; without a kernel loaded, kexec is a reboot."""
    pi = tiny(rack, disk)
    write(pi, "arrives")
    end(pi, f"/run/initramfs/shutdown {verb}")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")


@pytest.mark.parametrize("verb", ["poweroff", "halt", "kexec"])
def test_a_system_that_hangs_on_a_target_that_is_away_is_ended(rack, disk, verb):
    """It says no more than that it begins to end."""
    pi = tiny(rack, disk, "iscsi.shutdown=3")
    write(pi, "lost")
    rack.tgt.kill()
    end(pi, f"echo >/run/bootwire/ending/{verb}; sync; echo sync is over")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.console.expect(r"^sync is over", END_TIME)
    pi.console.expect(rf"warning: the system has not ended by itself: {verb} now", END_TIME)
    if verb == "halt":
        pi.console.expect(r"System halted", END_TIME)
    else:
        pi.machine.wait(END_TIME)


def test_a_target_that_accepts_logins_and_does_nothing_is_given_up(rack, disk):
    proxy = rack.fault_proxy()
    pi = tiny(rack, disk, "iscsi.shutdown=10", root_path=root_path(TARGET, port=str(proxy.port)))
    write(pi, "lost")
    proxy.idle(True)
    pi.check("echo >/run/bootwire/ending/poweroff")
    end(pi, "sync; echo sync is over")
    proxy.cut()
    pi.console.expect(r"warning: giving up on sda \([^\n]*: [^\n]* for \d+ s; [^\n]*is lost", END_TIME)
    pi.console.expect(r"^sync is over", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_system_goes_on_whose_end_is_called_off(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=3")
    pi.check("echo >/run/bootwire/ending/reboot && rm /run/bootwire/ending/reboot")
    write(pi, "arrives")
    rack.tgt.kill()
    pi.check(AWAY, 30)
    time.sleep(8)
    rack.tgt.start()
    pi.check("sync")
    assert "the system does not end after all" in pi.check("/run/bootwire/bootwirectl log")
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.machine.wait(END_TIME)
    assert not pi.console.seen("giving up on")
    check_arrived(rack, "arrives")


def test_a_target_that_is_away_when_all_is_written_is_not_told(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=3")
    write(pi, "arrives")
    pi.check("umount /boot/firmware && mount -o remount,ro /")
    pi.check("ls -la /root")  # where the shell has its history; the kernel has forgotten what it knew of it
    rack.tgt.kill()
    pi.check(AWAY, 30)
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.console.expect(r"\[shutdown\] [^\n]*not logged out: the target is away\n", END_TIME)
    pi.machine.wait(END_TIME)
    image = Image(rack.copies[0])
    image.check_clean()
    assert image.read("/root/written") == "arrives"


def test_a_system_that_was_told_of_errors_in_an_outage_has_its_session_back_and_ends(rack, disk):
    """As iscsi.recovery= has it: no access waits for longer than that."""
    pi = tiny(rack, disk, "iscsi.recovery=5")
    read = "dd if=/dev/sda of=/dev/null bs=4096 count=1 skip={}"
    rack.tgt.kill()
    pi.check(AWAY, 30)
    failed = pi.run(read.format(7000))
    assert failed.status != 0 and "Input/output error" in failed.output
    rack.tgt.start()
    pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = up ]; do :; done", 60)
    pi.check(read.format(7100))
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER[2:])
    assert rack.tgt.sessions() == []


@pytest.mark.long
def test_another_disk_that_hangs_is_given_up_and_ours_gets_every_write(rack, disk, tmp_path):
    """QEMU passes a byte a second on to it."""
    other = tmp_path / "other.img"
    with other.open("wb") as file:
        file.truncate(16 << 20)
    Image.run("mkfs.ext4", "-q", str(other))
    drive = ["-drive", f"if=none,id=other,format=raw,file={other}", "-device", "virtio-blk-device,drive=other,id=slow"]
    pi = tiny(rack, disk, options=Options(extra=drive))
    pi.check("mkdir /mnt && mount -t ext4 /dev/vda /mnt && dd if=/dev/zero of=/mnt/lost bs=1M count=2")
    limits = {"iops": 0, "iops_rd": 0, "iops_wr": 0, "bps_rd": 0, "bps_wr": 0}
    pi.machine.qmp.command("block_set_io_throttle", id="slow", bps=1, **limits)
    write(pi, "arrives")
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.console.expect(r"warning: giving up on /mnt \(/dev/vda, ext4\)", END_TIME)
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, [r"\[shutdown\] .*read-only: / \(/dev/sda2", r"\[shutdown\] +\d+ ms  logged out\n"])
    check_arrived(rack, "arrives")


def test_a_person_ends_a_system_whose_own_commands_are_on_the_disk_that_is_away(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=20")
    ctl = "/run/bootwire/bootwirectl"
    refused = pi.run(f"{ctl} poweroff")
    assert refused.status == 2 and "is there: the system's own poweroff" in refused.output
    rack.tgt.kill()
    pi.check(AWAY, 30)
    pi.check(f"{ctl} poweroff")
    rack.tgt.start()
    pi.console.expect(r"sda[^\n]* is back: the system goes on", END_TIME)
    write(pi, "lost")
    rack.tgt.kill()
    pi.check(AWAY, 30)
    assert re.search(r"has \d+ s to come back", pi.check(f"{ctl} poweroff"))
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.console.expect(r"warning: the system has not ended by itself: poweroff now", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_target_that_returns_gets_what_waited_for_it(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=3600")
    write(pi, "arrives")
    rack.tgt.kill()
    end(pi, "/run/initramfs/shutdown reboot")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")


def test_a_watchdog_that_the_os_leaves_running_does_not_cut_the_wait_short(rack, disk):
    """It resets the machine 15 s after init, or whoever opened it last, has fed it."""
    pi = tiny(rack, disk, rack.before_init(modules=["i6300esb"]), "iscsi.shutdown=3600",
              options=Options(extra=["-device", "i6300esb"]))
    write(pi, "arrives")
    pi.check("exec 3>/dev/watchdog0; exec 3>&-")
    rack.tgt.kill()
    end(pi, "WATCHDOG_USEC=15000000 /run/initramfs/shutdown reboot")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    time.sleep(25)
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")
