"""Systems whose init has the last word itself: OpenRC under busybox's init as Alpine has it, each of them alone."""

from __future__ import annotations

from pathlib import Path

import phrases
import pytest
from ending import AWAY, END_TIME, GIVEN_UP, ORDER, check_arrived, check_order, end, write
from image import Image

from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack

BUSYBOX_ALONE = "::sysinit:/bin/mount -o remount,rw /\n::respawn:/usr/lib/console\n::shutdown:/bin/umount -a -r\n"


def copy(rack: Rack, image: Path, inittab: str | None) -> None:
    """inittab: nothing for none."""
    rack.target(image)
    root = Image(rack.copies[0])
    root.debugfs("rm /etc/inittab", "-w")
    if inittab:
        text = rack.directory / "inittab"
        text.write_text(inittab)
        root.put(text, "/etc/inittab")


def boot(rack: Rack, *words: str, options: Options | None = None) -> VirtualPi:
    rack.serve()
    pi = rack.boot(*words, options=options)
    pi.console.expect(phrases.TINY_UP, 180)
    pi.login()
    pi.check("mount | grep -q ' on /boot/firmware ' || mount /dev/sda1 /boot/firmware")
    return pi


@pytest.mark.parametrize("verb", ["reboot", "poweroff", pytest.param("halt", marks=pytest.mark.long)])
def test_openrc_under_busyboxs_init_unmounts_all_and_logs_out(rack, disk, verb):
    rack.target(disk("tiny-openrc"))
    pi = boot(rack)
    write(pi, f"before-the-{verb}")
    end(pi, verb)
    pi.machine.wait(END_TIME)
    text = pi.console.text
    check_order(text, ["Terminating remaining processes", "Remounting / read only", "The system is going down NOW",
                       r"\[shutdown\] .*unmounted /oldroot \(/dev/sda2", *ORDER[1:],
                       rf"\[shutdown\] [^\n]* {'reboot' if verb == 'reboot' else 'poweroff'}\n"])
    check_arrived(rack, f"before-the-{verb}")
    assert Image(rack.copies[0]).read("/root/stopped") == "stopped"


@pytest.mark.parametrize("inittab", [BUSYBOX_ALONE, BUSYBOX_ALONE.rpartition("::shutdown")[0]])
def test_busyboxs_init_alone_does_so_too(rack, disk, inittab):
    copy(rack, disk("tiny-openrc"), inittab)
    pi = boot(rack)
    assert "root=PARTUUID=" in pi.check("cat /proc/cmdline"), "the disk's words and ours, in the /proc that is its own"
    write(pi, "before-the-end")
    end(pi, "poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-end")


def test_busyboxs_init_ends_although_the_target_stays_away(rack, disk):
    """The line of its inittab tells the keeper, who has a limit then. The shell's own words only, while it is away."""
    copy(rack, disk("tiny-openrc"), BUSYBOX_ALONE)
    pi = boot(rack, "iscsi.shutdown=5")
    write(pi, "never-arrives")
    rack.tgt.kill()
    pi.check(AWAY, 60)
    end(pi, "kill -USR2 1")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.machine.wait(END_TIME)


def test_busyboxs_init_without_an_inittab_does_so_too(rack, disk):
    copy(rack, disk("tiny-openrc"), None)
    rack.serve()
    pi = rack.boot()
    pi.console.expect(r"press Enter to activate this console", 180)
    pi.console.send_line("")
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware")
    write(pi, "before-the-end")
    end(pi, "reboot")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-end")


def test_openrcs_own_init_does_so_too(rack, disk):
    rack.target(disk("tiny-openrc"))
    pi = boot(rack, "iscsi.init=/sbin/openrc-init")
    write(pi, "before-the-end")
    end(pi, "openrc-shutdown --poweroff now")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ["Terminating remaining processes", *ORDER, r"\[shutdown\] [^\n]* poweroff\n"])
    check_arrived(rack, "before-the-end")


def test_a_reboot_without_asking_init_loses_nothing_either(rack, disk):
    rack.target(disk("tiny-openrc"))
    pi = boot(rack)
    write(pi, "before-the-end")
    end(pi, "reboot -f")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, [*ORDER, r"\[shutdown\] [^\n]* reboot\n"])
    check_arrived(rack, "before-the-end")


def test_a_system_whose_init_ends_is_restarted_in_order(rack, disk):
    rack.target(disk("tiny-openrc"))
    rack.serve()
    pi = rack.boot("iscsi.init=/bin/sh")
    pi.login()
    pi.check("mount -o remount,rw / && mount -t vfat /dev/sda1 /boot/firmware")
    write(pi, "before-the-end")
    end(pi, "exit")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, [rf"{phrases.WARNING}the system's init has ended without a word: restarting", *ORDER])
    check_arrived(rack, "before-the-end")


def test_ctrl_alt_del_is_for_such_a_system_to_act_on(rack, disk):
    rack.target(disk("tiny-openrc"))
    pi = boot(rack, options=Options(cpus=2, extra=["-device", "qemu-xhci", "-device", "usb-kbd"]))
    write(pi, "before-the-end")
    pi.console.skip()
    pi.machine.qmp.command("send-key", keys=[{"type": "qcode", "data": key} for key in ("ctrl", "alt", "delete")])
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ["Terminating remaining processes", *ORDER, r"\[shutdown\] [^\n]* reboot\n"])
    check_arrived(rack, "before-the-end")
