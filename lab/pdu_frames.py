"""Where iSCSI PDUs begin and end in a stream (RFC 7143 section 11): enough to hit one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

BHS = 48
DIGEST = 4
LARGEST = 16 * 1024 * 1024  # a data segment's length has 24 bits

NOP_OUT, SCSI_COMMAND, LOGIN_REQUEST, DATA_OUT = 0x00, 0x01, 0x03, 0x05
NOP_IN, SCSI_RESPONSE, LOGIN_RESPONSE, DATA_IN, R2T = 0x20, 0x21, 0x23, 0x25, 0x31


@dataclass
class Pdu:
    """One PDU as it is on the wire, digests and padding included."""

    raw: bytearray
    data_begin: int
    data_length: int

    @property
    def opcode(self) -> int:
        return self.raw[0] & 0x3F

    @property
    def of_the_kernel(self) -> bool:
        """Of an initiator's: by the task tag, whose third byte is 0 in the kernel's (build_itt() of its
        scsi/libiscsi.h), and 1 in what the keeper asks of its own accord (task_client.h)."""
        return self.raw[18] == 0

    @property
    def data(self) -> bytes:
        return bytes(self.raw[self.data_begin : self.data_begin + self.data_length])

    def ends_login(self) -> bool:
        """The response with which the full feature phase begins (section 11.13)."""
        transits = self.raw[1] & 0x83 == 0x83
        return self.opcode == LOGIN_RESPONSE and transits and self.raw[36] == 0


@dataclass
class Digests:
    """What a login agreed on; both directions of a connection share it."""

    header: bool = False
    data: bool = False
    agreed: tuple[bool, bool] = (False, False)

    def look_at(self, answer: Pdu) -> None:
        """At each login response; the digests begin behind the last one."""
        for number, key in enumerate((b"HeaderDigest", b"DataDigest")):
            match = re.search(rb"(?:^|\0)" + key + rb"=([^\0,]*)\0", answer.data)
            if match:
                self.agreed = tuple(match[1] == b"CRC32C" if i == number else yes  # type: ignore[assignment]
                                    for i, yes in enumerate(self.agreed))
        if answer.ends_login():
            self.header, self.data = self.agreed


class Frames:
    """One direction of a connection: bytes in, PDUs out."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests
        self._bytes = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._bytes += chunk

    def next(self) -> Pdu | None:
        """The next whole one. Its digests are those that hold at this moment."""
        if len(self._bytes) < BHS:
            return None
        header = BHS + 4 * self._bytes[4] + (DIGEST if self._digests.header else 0)
        length = int.from_bytes(self._bytes[5:8], "big")
        padded = (length + 3) // 4 * 4
        size = header + padded + (DIGEST if self._digests.data and length else 0)
        if len(self._bytes) < size:
            return None
        raw = self._bytes[:size]
        del self._bytes[:size]
        return Pdu(raw, header, length)
