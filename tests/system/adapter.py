"""The Pi's network adapter, as one at the USB port is: reset, unplugged, there again as another interface."""

from __future__ import annotations

import time

from lab.pi import VirtualPi

DRIVER = "/sys/bus/virtio/drivers/virtio_net"


def index(pi: VirtualPi, interface: str = "eth0") -> int:
    return int(pi.check(f"read i </sys/class/net/{interface}/ifindex; echo $i"))


def reset(pi: VirtualPi, seconds: float) -> None:
    """Gone for so long. While it is, the disk is away: the shell's own words only."""
    device = pi.check("readlink -f /sys/class/net/eth0/device").split("/")[-1]
    before = index(pi)
    pi.check(f"echo {device} >{DRIVER}/unbind")
    time.sleep(seconds)
    pi.check(f"echo {device} >{DRIVER}/bind")
    assert index(pi) != before
