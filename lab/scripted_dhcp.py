"""A DHCP server that misbehaves on request: what dnsmasq never does, and a slow or confused server may.

python3 -m lab.scripted_dhcp SERVER ADDRESS ROOT_PATH [--ignore N] [--nak N] [--nak-renewals N] [--lose-ack N] [--odd]
Run as a host on the switch; says on standard output what it got and sent.
"""

from __future__ import annotations

import argparse
import socket
import struct

from lab.pi_dhcp import ACK, COOKIE, DISCOVER, NAK, OFFER, REQUEST, SO_BINDTODEVICE, parse_options

NAMES = {DISCOVER: "DISCOVER", OFFER: "OFFER", REQUEST: "REQUEST", 4: "DECLINE", ACK: "ACK", NAK: "NAK", 7: "RELEASE"}


class Server:
    """One address for everyone; each fault is used up before the server behaves."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.link = self._socket(67)
        self.other_port = self._socket(1067)

    @staticmethod
    def _socket(port: int) -> socket.socket:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        link.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"eth0\0")
        link.bind(("0.0.0.0", port))
        return link

    def _answer(self, asked: bytes, kind: int) -> None:
        address = socket.inet_aton(self.options.address if kind != NAK else "0.0.0.0")
        packet = struct.pack("!BBBBIHH", 2, 1, 6, 0, 0, 0, 0x8000)[:4] + asked[4:8] + b"\0\0\x80\0"
        packet += bytes(4) + address + bytes(8) + asked[28:44] + bytes(192) + COOKIE
        server = socket.inet_aton(self.options.server)
        odd = self.options.odd
        fields = [(53, bytes([kind]))] + ([] if odd else [(54, server)])
        if kind != NAK:
            fields += [(1, b"\xff\xff\xff\0"), (51, struct.pack("!I", 3600))]
            names_disk = self.options.root_path and not (odd and kind == OFFER)
            fields += [(17, self.options.root_path.encode())] if names_disk else []
        packet += b"".join(bytes([code, len(value)]) + value for code, value in fields) + b"\xff"
        link = self.other_port if odd else self.link
        link.sendto(packet.ljust(300, b"\0"), ("255.255.255.255", 68))
        print(f"sent {NAMES[kind]}", flush=True)

    def _spend(self, fault: str) -> bool:
        left = getattr(self.options, fault)
        setattr(self.options, fault, max(left - 1, 0))
        return left > 0

    def _serve(self, asked: bytes) -> None:
        fields = parse_options(asked[240:])
        kind = fields.get(53, b"\0")[0]
        if fields.get(60, b"").startswith(b"PXEClient"):
            return
        print(f"got {NAMES.get(kind, kind)}", flush=True)
        if kind == DISCOVER and not self._spend("ignore"):
            self._answer(asked, OFFER)
        elif kind == REQUEST and not self._spend("lose_ack"):
            renews = any(asked[12:16])  # RFC 2131 section 4.3.2: ciaddr is filled in
            refused = renews and self._spend("nak_renewals") or self._spend("nak")
            self._answer(asked, NAK if refused else ACK)

    def run(self) -> None:
        print("ready", flush=True)
        while True:
            asked = self.link.recv(4096)
            if len(asked) > 240 and asked[0] == 1 and asked[236:240] == COOKIE:
                self._serve(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("address")
    parser.add_argument("root_path")
    parser.add_argument("--ignore", type=int, default=0, help="DISCOVERs that get no answer")
    parser.add_argument("--nak", type=int, default=0, help="REQUESTs that get a NAK")
    parser.add_argument("--nak-renewals", type=int, default=0, help="REQUESTs of who has an address that get a NAK")
    parser.add_argument("--lose-ack", type=int, default=0, help="REQUESTs that get no answer")
    parser.add_argument("--odd", action="store_true",
                        help="no option 54, option 17 in the ACK alone, and answers from another port")
    Server(parser.parse_args()).run()


if __name__ == "__main__":
    main()
