"""What tests of the system's end share: the boot before it, what is written, and what must be there after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from image import Image

from lab.machine import Options
from lab.pi import VirtualPi
from lab.servers import Rack

BOOT_TIME = 1200  # under emulation on two busy cores; no test measures it
END_TIME = 600

ORDER = [r"\[shutdown\] .*unmounted /oldroot \(/dev/sda2", r"\[shutdown\] .*all is written",
         r"\[shutdown\] +\d+ ms  logged out\n", r"\[shutdown\] .*link is taken down"]
# For the shell: until the keeper knows that the target is away.
AWAY = "until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done"
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


SYSVINIT_ORDER = [r"\[shutdown\] .*read-only: / \(/dev/sda2", *ORDER[1:]]


def tiny(
    rack: Rack, disk: Callable[[str], Path], *words: str, options: Options | None = None, **served: object
) -> VirtualPi:
    """served: see Rack.serve()."""
    rack.target(disk("tiny"))
    rack.serve(**served)
    pi = rack.boot(*words, options=options)
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware")
    return pi


IN_PLACE = [r"\[shutdown\] .*unmounted /boot/firmware \(/dev/sda1", *SYSVINIT_ORDER]


def check_poweroff(rack: Rack, pi: VirtualPi) -> None:
    """Nothing hangs, whoever manages the network, and the last write arrives."""
    write(pi, "before-the-end")
    end(pi, "systemctl poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ORDER)
    check_arrived(rack, "before-the-end")
