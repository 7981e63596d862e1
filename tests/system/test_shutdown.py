"""The end of the booted system: nothing hangs and no write is lost, with and without the target."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from image import Image

from lab.before_init import archive
from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack

BOOT_TIME = 1200  # under emulation on two busy cores; no test measures it
END_TIME = 600

ORDER = [r"\[shutdown\] .*unmounted /oldroot \(/dev/sda2", r"\[shutdown\] .*all is written",
         r"\[shutdown\] .* logged out", r"\[shutdown\] .*link is taken down"]
GIVEN_UP = r"warning: giving up on sda \([^\n]*: it has been away for \d+ s; [^\n]*is lost"


def up(rack: Rack, image: Path, *words: str, options: Options | None = None) -> VirtualPi:
    rack.target(image)
    return again(rack, *words, options=options)


def again(rack: Rack, *words: str, options: Options | None = None) -> VirtualPi:
    if rack.dhcp is None:
        rack.serve()
    pi = rack.boot(*words, options=options)
    pi.login(BOOT_TIME)
    pi.check("systemctl --version")  # in memory from here on
    return pi


def write(pi: VirtualPi, text: str) -> None:
    """Without sync: whether it arrives is up to the end of the system."""
    pi.check(f"echo {text} >/root/written; echo {text} >/boot/firmware/written")


def end(pi: VirtualPi, command: str) -> None:
    pi.console.skip()
    pi.console.send_line(command)


def check_arrived(rack: Rack, text: str) -> None:
    """The Pi has logged out, and left a clean disk with what was written last."""
    assert rack.tgt.sessions() == []
    image = Image(rack.copies[0])
    image.check_clean()
    assert image.read("/root/written") == text


def check_order(text: str, order: list[str]) -> None:
    at = 0
    for pattern in order:
        match = re.search(pattern, text[at:])
        assert match, f"{pattern}: not there, or too early:\n{text[-5000:]}"
        at += match.end()


def test_a_poweroff_loses_nothing_and_logs_out(rack, disk):
    pi = up(rack, disk("debian-arm64"))
    write(pi, "before-the-end")
    end(pi, "systemctl poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-end")


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


SYSVINIT_ORDER = [r"\[shutdown\] .*read-only: / \(/dev/sda2", *ORDER[1:]]


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


def tiny(rack: Rack, disk, *words: str) -> VirtualPi:
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot(*words)
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware")
    return pi


IN_PLACE = [r"\[shutdown\] .*unmounted /boot/firmware \(/dev/sda1", *SYSVINIT_ORDER]


@pytest.mark.parametrize("verb", ["reboot", "poweroff", "kexec"])
def test_the_program_ends_a_system_whose_root_stays_in_use(rack, disk, verb):
    """As sysvinit's scripts start it; without a kernel loaded, kexec is a reboot."""
    pi = tiny(rack, disk)
    write(pi, "arrives")
    end(pi, f"/run/initramfs/shutdown {verb}")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")


def test_a_system_that_hangs_on_a_target_that_is_away_is_ended(rack, disk):
    """It says no more than that it begins to end."""
    pi = tiny(rack, disk, "iscsi.shutdown=3")
    write(pi, "lost")
    rack.tgt.kill()
    end(pi, "echo >/run/bootwire/ending/poweroff; sync; echo sync is over")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.console.expect(r"^sync is over", END_TIME)
    pi.console.expect(r"warning: the system has not ended by itself: poweroff now", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_person_ends_a_system_whose_own_commands_are_on_the_disk_that_is_away(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=20")
    ctl = "/run/bootwire/bootwirectl"
    refused = pi.run(f"{ctl} poweroff")
    assert refused.status == 2 and "is there: the system's own poweroff" in refused.output
    rack.tgt.kill()
    pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done", 30)
    pi.check(f"{ctl} poweroff")
    rack.tgt.start()
    pi.console.expect(r"sda[^\n]* is back: the system goes on", END_TIME)
    write(pi, "lost")
    rack.tgt.kill()
    pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done", 30)
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
