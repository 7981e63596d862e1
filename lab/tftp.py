"""A TFTP client (RFC 1350, 2347 to 2349) as a boot ROM has it: one block, one acknowledgement."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

RRQ, DATA, ACK, ERROR, OACK = 1, 3, 4, 5, 6
BLOCK_SIZE = 1024  # what the Raspberry Pi's firmware asks for
TRIES = 5
FILE_NOT_FOUND = 1


class TftpError(Exception):
    """The server's refusal, or its silence."""


class NotFound(TftpError):
    """The server answered, and has no such file."""


@dataclass
class Transfer:
    content: bytes
    packets: int


def _request(path: str, block_size: int) -> bytes:
    words = [path, "octet", "tsize", "0", "blksize", str(block_size)]
    return struct.pack("!H", RRQ) + b"".join(word.encode() + b"\0" for word in words)


def _accepted_block_size(options: bytes) -> int:
    words = options.split(b"\0")
    for name, value in zip(words[::2], words[1::2]):
        if name.lower() == b"blksize":
            return int(value)
    return 512


def _exchange(
    link: socket.socket, packet: bytes, server: tuple[str, int], seconds: float
) -> tuple[bytes, tuple[str, int]]:
    link.settimeout(seconds)
    for _ in range(TRIES):
        link.sendto(packet, server)
        try:
            return link.recvfrom(65536)
        except socket.timeout:
            continue
    raise TftpError(f"{server[0]} does not answer")


def fetch(server: str, path: str, seconds: float = 1.0, block_size: int = BLOCK_SIZE) -> Transfer:
    """The whole file. NotFound is an answer like another: the firmware asks for many files in vain."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        reply, peer = _exchange(link, _request(path, block_size), (server, 69), seconds)
        content = bytearray()
        size, expected, packets = 512, 1, 1
        while True:
            kind, number = struct.unpack("!HH", reply[:4])
            packets += 1
            if kind == ERROR:
                text = reply[4:].rstrip(b"\0").decode(errors="replace")
                raise (NotFound if number == FILE_NOT_FOUND else TftpError)(f"{path}: {text}")
            if kind == OACK:
                size, number = _accepted_block_size(reply[2:]), 0
            elif kind == DATA and number == expected:
                content += reply[4:]
                expected = (expected + 1) & 0xFFFF
                if len(reply) - 4 < size:
                    link.sendto(struct.pack("!HH", ACK, number), peer)
                    return Transfer(bytes(content), packets + 1)
            elif kind == DATA:
                number = (expected - 1) & 0xFFFF
            packets += 1
            reply, peer = _exchange(link, struct.pack("!HH", ACK, number), peer, seconds)
