"""The end of the booted system: nothing hangs and no write is lost, with and without the target."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from ending import (
    AWAY, BOOT_TIME, END_TIME, GIVEN_UP, ORDER, SYSVINIT_ORDER, again, check_arrived, check_order, end, up, write,
)
from image import Image

from lab.before_init import archive
from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack

# Says a number once the disk has it. It goes on until systemd kills everything that is left.
WRITER = ("trap \"\" TERM; i=0; while i=$((i+1)); echo $i >>/root/numbers && sync /root/numbers; "
          "do echo number $i; done >/dev/console")


def test_a_poweroff_loses_nothing_and_logs_out(rack, disk):
    pi = up(rack, disk("debian-arm64"))
    write(pi, "before-the-end")
    end(pi, f"systemd-run -qp DefaultDependencies=no sh -c '{WRITER}'; systemctl poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-end")
    said = [int(number) for number in re.findall(r"number (\d+)\n", pi.console.text)]
    written = [int(number) for number in Image(rack.copies[0]).read("/root/numbers").split()]
    assert written == list(range(1, len(written) + 1))
    assert len(said) > 2 and said[-1] in written


@pytest.mark.long
def test_a_reboot_loses_nothing_and_the_next_system_replays_nothing(rack, disk):
    pi = up(rack, disk("debian-arm64"), options=Options(reboot=True))
    write(pi, "before-the-reboot")
    end(pi, "systemctl reboot")
    pi.console.expect(r"\[shutdown\] [^\n]* reboot\n", END_TIME)
    check_order(pi.console.text, ORDER)
    pi.login(BOOT_TIME)
    assert pi.check("cat /root/written /boot/firmware/written").split() == ["before-the-reboot"] * 2
    assert "recover" not in pi.check("dmesg | grep -i ext4 || true"), "the journal was not replayed"


@pytest.mark.long
def test_a_target_that_is_away_is_given_up_in_the_end(rack, disk):
    pi = up(rack, disk("debian-arm64"), "iscsi.shutdown=5")
    write(pi, "never-arrives")
    rack.tgt.kill()
    end(pi, "systemctl reboot")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.machine.wait(END_TIME)


@pytest.mark.long
def test_a_target_that_returns_while_the_system_ends_gets_every_write(rack, disk):
    pi = up(rack, disk("debian-arm64"), "iscsi.shutdown=3600")
    write(pi, "arrives-late")
    rack.tgt.kill()
    end(pi, "systemctl poweroff")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    time.sleep(5)  # services stop, and wait for the disk
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    assert not pi.console.seen("giving up")
    check_arrived(rack, "arrives-late")


@pytest.mark.long
def test_systemds_watchdog_waits_for_the_target_as_long_as_the_user_does(rack, disk, tmp_path):
    """The disk's own setting would have it reset the machine after 30 s."""
    rack.target(disk("debian-arm64"))
    settings = tmp_path / "10-watchdog.conf"
    settings.write_text("[Manager]\nRuntimeWatchdogSec=30\nRebootWatchdogSec=30\n")
    image = Image(rack.copies[0])
    image.debugfs("mkdir /etc/systemd/system.conf.d", "-w")
    image.put(settings, "/etc/systemd/system.conf.d/10-watchdog.conf")
    rack.serve()
    pi = again(rack, rack.before_init(modules=["i6300esb"]), "iscsi.shutdown=600",
               options=Options(extra=["-device", "i6300esb"]))
    assert "WatchdogUSec=30s" in pi.check("systemctl show -p RuntimeWatchdogUSec")
    write(pi, "arrives-late")
    rack.tgt.kill()
    end(pi, "systemctl reboot")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    time.sleep(75)
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, [r"\[shutdown\] .*the hardware watchdog is fed", *ORDER])
    check_arrived(rack, "arrives-late")


WAITING_TARGET = """[Unit]
DefaultDependencies=no
Requires=hold.service
After=hold.service
"""
HOLDING_SERVICE = """[Service]
Type=oneshot
ExecStart=/bin/sleep infinity
"""


@pytest.mark.long
def test_a_system_whose_end_was_cancelled_waits_for_its_disk_without_limit(rack, disk, tmp_path):
    rack.target(disk("debian-arm64"))
    image = Image(rack.copies[0])
    for name, text in (("reboot.target", WAITING_TARGET), ("hold.service", HOLDING_SERVICE)):
        (tmp_path / name).write_text(text)
        image.put(tmp_path / name, f"/etc/systemd/system/{name}")
    pi = again(rack, "iscsi.shutdown=30")
    pi.check("systemctl start --no-block reboot.target; until [ -e /run/bootwire/ending/reboot ]; do sleep 0.2; done")
    rack.tgt.kill()
    pi.check(AWAY, 60)
    rack.tgt.start()
    pi.check("until [ -e /root/returned ]; do touch /root/returned; done; sync /root/returned")
    assert pi.check("ls /run/bootwire/ending") == "reboot", "it has a job, still"
    pi.check("systemctl cancel")
    rack.tgt.kill()
    time.sleep(50)
    rack.tgt.start()
    write(pi, "arrives")
    assert "the system does not end after all" in pi.check("/run/bootwire/bootwirectl log")
    assert not pi.console.seen("giving up on")


@pytest.mark.long
def test_a_halted_system_has_logged_out(rack, disk):
    pi = up(rack, disk("debian-arm64"))
    write(pi, "before-the-halt")
    end(pi, "systemctl halt")
    pi.console.expect(r"System halted", END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-halt")


@pytest.mark.long
def test_a_target_that_falls_silent_is_given_up_in_the_end(rack, disk):
    """No packet comes back: nothing tells that it is away but what does not come."""
    pi = up(rack, disk("debian-arm64"), "iscsi.shutdown=5")
    write(pi, "never-arrives")
    pi.tap.forward(False)
    end(pi, "systemctl poweroff")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.machine.wait(END_TIME)


@pytest.mark.long
def test_kexec_logs_out_before_the_next_kernel(rack, disk, tmp_path):
    program = tmp_path / "load-kernel"
    here = Path(__file__).parent / "guest"
    for source, built in (("load-kernel.c", program), ("kernel-probe.c", tmp_path / "probe")):
        subprocess.run(["aarch64-linux-gnu-gcc", "-std=gnu2x", "-D_GNU_SOURCE", "-Os", "-static", "-s", "-o", built,
                        here / source], check=True)
    unpacked = subprocess.run(["gzip", "-dc", rack.out / "Image.gz"], check=True, capture_output=True).stdout
    (tmp_path / "Image").write_bytes(unpacked)
    (tmp_path / "initramfs").write_bytes(archive([("probe", 0o100755, (tmp_path / "probe").read_bytes())]))
    rack.target(disk("debian-arm64"))
    image = Image(rack.copies[0])
    for name in ("load-kernel", "Image", "initramfs"):
        image.put(tmp_path / name, f"/root/{name}")
    pi = again(rack)
    pi.check("cd /root && chmod +x load-kernel && ./load-kernel Image initramfs "
             "'console=ttyAMA0 rdinit=/probe loglevel=7 panic=-1 probe=cmdline'")
    write(pi, "before-the-jump")
    end(pi, "systemctl kexec")
    pi.console.expect(r"\[shutdown\] [^\n]* kexec\n", END_TIME)
    check_order(pi.console.text, ORDER)
    pi.console.expect(r"probe: end", END_TIME)
    check_arrived(rack, "before-the-jump")


def up_with_scripts(rack: Rack, image: Path, *words: str) -> VirtualPi:
    rack.target(image)
    rack.serve()
    pi = rack.boot(*words)
    pi.login(BOOT_TIME)
    assert pi.check("readlink -f /proc/1/exe").endswith("/init")
    return pi


@pytest.mark.long
@pytest.mark.parametrize("verb", ["reboot", "poweroff", "halt"])
@pytest.mark.parametrize("system", ["debian-sysvinit", "debian-openrc"])
def test_scripts_end_the_system_in_the_same_order(rack, disk, system, verb):
    pi = up_with_scripts(rack, disk(system))
    write(pi, f"before-the-{verb}")
    end(pi, verb)
    if verb == "halt":
        pi.console.expect(r"System halted", END_TIME)
    else:
        pi.machine.wait(END_TIME)
    check_order(pi.console.text, SYSVINIT_ORDER)
    check_arrived(rack, f"before-the-{verb}")


@pytest.mark.long
@pytest.mark.parametrize("system", ["debian-sysvinit", "debian-openrc"])
def test_scripts_are_ended_when_the_target_stays_away(rack, disk, system):
    pi = up_with_scripts(rack, disk(system), "iscsi.shutdown=5")
    # In memory from here on. reboot(8) runs shutdown(8), which waits for the disk before anybody hears of the end.
    pi.check("{ init --version; cat /sbin/init /bin/sh /etc/inittab; } >/dev/null 2>&1 || true")
    write(pi, "never-arrives")
    rack.tgt.kill()
    end(pi, "init 6")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.machine.wait(END_TIME)
