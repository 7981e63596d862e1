"""A VLAN on the lab's switch: a port that carries tags, and behind it an interface that knows none.

Tags are put on and taken off here, because not every kernel that the lab runs on can do it itself.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import threading

from lab.errors import LabError
from lab.network import PREFIX, SWITCH
from lab.processes import run

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
TAGGED = b"\x81\x00"  # IEEE 802.1Q
ADDRESSES = 12  # bytes of a frame before its type: to and from
LARGEST_FRAME = 65536


def _open_tap(name: str) -> int:
    try:
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise LabError(f"/dev/net/tun cannot be opened: {error.strerror}") from error
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


class Vlan:
    """The servers' side has an address and an interface of its own; `number` is from 1 to 4094."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.interface = f"vlan{number}"
        self.address = f"10.78.{number % 256}.1"
        self._tagged = _open_tap(f"trunk{number}")
        self._plain = _open_tap(self.interface)
        run("ip", "link", "set", f"trunk{number}", "master", SWITCH, "up")
        run("ip", "address", "add", f"{self.address}/{PREFIX}", "dev", self.interface)
        run("ip", "link", "set", self.interface, "up")
        self._wake, self._end = os.pipe()
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def host(self, number: int) -> str:
        """An address in this network."""
        return self.address.removesuffix("1") + str(number)

    def _forward(self) -> None:
        tag = TAGGED + struct.pack("!H", self.number)
        while True:
            ready, _, _ = select.select([self._tagged, self._plain, self._wake], [], [])
            if self._wake in ready:
                return
            if self._plain in ready:
                frame = os.read(self._plain, LARGEST_FRAME)
                os.write(self._tagged, frame[:ADDRESSES] + tag + frame[ADDRESSES:])
            if self._tagged in ready:
                frame = os.read(self._tagged, LARGEST_FRAME)
                if frame[ADDRESSES : ADDRESSES + 2] != TAGGED:
                    continue
                (control,) = struct.unpack_from("!H", frame, ADDRESSES + 2)
                if control & 0xFFF == self.number:
                    os.write(self._plain, frame[:ADDRESSES] + frame[ADDRESSES + 4 :])

    def remove(self) -> None:
        """The interfaces go with the descriptors."""
        os.close(self._end)
        self._thread.join()
        for descriptor in (self._tagged, self._plain, self._wake):
            os.close(descriptor)
