"""DHCP as a Raspberry Pi's ROM or EEPROM speaks it before any of our code runs.

The mask ROM of a Pi 3 tries five times, looks for "Raspberry Pi Boot" in option 43 and never
sends a REQUEST; the EEPROM of a Pi 4 and 5 does the whole exchange. Both take a proxy's word for where
the files are, and another server's for the address.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lab.waiting import Deadline

VENDOR_CLASS = b"PXEClient:Arch:00000:UNDI:002001"
BOOT_MARK = b"Raspberry Pi Boot"
NO_ADDRESS = "0.0.0.0"
COOKIE = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
ROM_TRIES = 5
SO_BINDTODEVICE = 25


@dataclass
class Offer:
    address: str
    netmask: str
    server: str  # DHCP server identifier
    tftp: str
    options: dict[int, bytes] = field(default_factory=dict)


def _options(*pairs: tuple[int, bytes]) -> bytes:
    return b"".join(bytes([code, len(value)]) + value for code, value in pairs) + b"\xff"


def _message(xid: int, mac: bytes, kind: int, serial: str, extra: list[tuple[int, bytes]]) -> bytes:
    head = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, 0, xid, 0, 0x8000,
                       b"", b"", b"", b"", mac, b"", b"")
    machine = b"\x00" + (b"RPi" + bytes(9) + bytes.fromhex(serial[-8:]))[:16].ljust(16, b"\0")
    return head + COOKIE + _options(
        (53, bytes([kind])),
        *extra,
        (55, bytes([1, 3, 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135])),
        (93, b"\x00\x00"),
        (94, b"\x01\x02\x01"),
        (97, machine),
        (60, VENDOR_CLASS),
    )


def parse_options(data: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    position = 0
    while position < len(data) and data[position] != 255:
        code = data[position]
        if code == 0:
            position += 1
            continue
        if position + 1 >= len(data):
            break
        length = data[position + 1]
        options[code] = options.get(code, b"") + data[position + 2 : position + 2 + length]
        position += 2 + length
    return options


def _tftp_server(packet: bytes, options: dict[int, bytes]) -> str:
    next_server = socket.inet_ntoa(packet[20:24])
    if next_server != NO_ADDRESS:
        return next_server
    named = options.get(66, b"").rstrip(b"\0").decode(errors="replace")
    return named or socket.inet_ntoa(options.get(54, bytes(4)))


def _parse(packet: bytes, xid: int, mac: bytes) -> tuple[int, Offer] | None:
    if len(packet) < 240 or packet[0] != 2 or packet[236:240] != COOKIE:
        return None
    if struct.unpack("!I", packet[4:8])[0] != xid or packet[28:34] != mac:
        return None
    options = parse_options(packet[240:])
    offer = Offer(
        address=socket.inet_ntoa(packet[16:20]),
        netmask=socket.inet_ntoa(options.get(1, b"\xff\xff\xff\x00")),
        server=socket.inet_ntoa(options.get(54, bytes(4))),
        tftp=_tftp_server(packet, options),
        options=options,
    )
    return options.get(53, b"\0")[0], offer


class PiDhcp:
    """One Pi's exchange on one interface, which has no address yet."""

    def __init__(self, interface: str, mac: str, serial: str, rom: bool) -> None:
        self.mac = bytes.fromhex(mac.replace(":", ""))
        self.serial = serial
        self.rom = rom
        self.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.link.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, interface.encode() + b"\0")
        self.link.bind(("0.0.0.0", 68))

    def close(self) -> None:
        self.link.close()

    def _answers(self, xid: int, seconds: float) -> Iterator[tuple[int, Offer]]:
        deadline = Deadline(seconds)
        while (left := deadline.left()) > 0:
            self.link.settimeout(left)
            try:
                packet = self.link.recv(4096)
            except socket.timeout:
                return
            parsed = _parse(packet, xid, self.mac)
            if parsed:
                yield parsed

    def _send(self, xid: int, kind: int, extra: list[tuple[int, bytes]]) -> None:
        packet = _message(xid, self.mac, kind, self.serial, extra)
        try:
            self.link.sendto(packet, ("255.255.255.255", 67))
        except OSError:
            pass  # link not up yet; the next try will do

    def _choose(self, xid: int, seconds: float) -> Offer | None:
        """What it goes by: an offer that is marked for it, or one server's address and the mark of a proxy,
        which has no address to give. An EEPROM takes an address without any mark where nothing better comes."""
        plain: Offer | None = None
        proxy: Offer | None = None
        for kind, offer in self._answers(xid, seconds):
            if kind != OFFER:
                continue
            marked = BOOT_MARK in offer.options.get(43, b"")
            if offer.address == NO_ADDRESS:
                proxy = offer if marked else proxy
            elif marked:
                return offer
            else:
                plain = plain or offer
            if plain and proxy:
                return replace(plain, tftp=proxy.tftp)
        return None if self.rom else plain

    def _request(self, offer: Offer, xid: int) -> bool:
        wanted = [(50, socket.inet_aton(offer.address)), (54, socket.inet_aton(offer.server))]
        self._send(xid, REQUEST, wanted)
        return any(kind == ACK for kind, _ in self._answers(xid, 4))

    def run(self, tries: int = ROM_TRIES, seconds: float = 5) -> Offer | None:
        """None where nobody offers a network boot: the Pi then goes on to its next boot device."""
        for _ in range(tries):
            xid = struct.unpack("!I", os.urandom(4))[0]
            self._send(xid, DISCOVER, [])
            offer = self._choose(xid, seconds)
            if offer and (self.rom or self._request(offer, xid)):
                return offer
        return None


def configure(interface: str, offer: Offer) -> None:
    """Give the interface the offered address, for TFTP."""
    bits = bin(int.from_bytes(socket.inet_aton(offer.netmask), "big")).count("1")
    subprocess.run(["ip", "address", "replace", f"{offer.address}/{bits}", "dev", interface], check=True)
