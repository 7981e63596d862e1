"""usage: tests/fuzz/make_seeds.py [FOLDER]

Writes hand-made inputs of the fuzz targets below, one file a case, into a folder for each target below
FOLDER (tests/fuzz/corpus)."""

from __future__ import annotations

import ipaddress
import struct
import sys
from pathlib import Path

Seeds = dict[str, bytes]

# linux/rtnetlink.h, linux/if_link.h
NEWLINK, DELLINK, NEWADDR, DELADDR, NEWROUTE, DELROUTE = 16, 17, 20, 21, 24, 25
ERROR, DONE = 2, 3
INET, INET6 = 2, 10


def padded(data: bytes, size: int = 4) -> bytes:
    return data + b"\0" * (-len(data) % size)


def attribute(kind: int, value: bytes) -> bytes:
    return padded(struct.pack("=HH", 4 + len(value), kind) + value)


def message(kind: int, payload: bytes, length: int | None = None) -> bytes:
    length = 16 + len(payload) if length is None else length
    return padded(struct.pack("=IHHII", length, kind, 0, 1, 0) + payload)


def link(name: bytes, index: int = 2, more: bytes = b"") -> bytes:
    head = struct.pack("=BxHiII", 0, 1, index, 0x11043, 0)
    return message(NEWLINK, head + attribute(3, name + b"\0") + attribute(1, bytes.fromhex("dca632010203")) + more)


def address(kind: int, text: str, length: int, family: int = INET, index: int = 2) -> bytes:
    value = ipaddress.ip_address(text).packed
    return message(kind, struct.pack("=BBBBI", family, length, 0, 0, index) + attribute(1, value) + attribute(2, value))


def route(kind: int, text: str, length: int, table: int = 254, family: int = INET) -> bytes:
    head = struct.pack("=BBBBBBBBI", family, length, 0, 0, table, 16, 253, 1, 0)
    target = attribute(1, ipaddress.ip_address(text).packed) if text else b""
    return message(kind, head + target + attribute(4, struct.pack("=i", 2)))


def net_netlink() -> Seeds:
    vlan = attribute(18, attribute(1, b"vlan\0") + attribute(2, attribute(1, struct.pack("=H", 5))))
    return {
        "link": link(b"eth0", more=attribute(47, struct.pack("=I", 3))),
        "link-vlan": link(b"eth0.5", 3, vlan),
        "link-named-like-a-path": link(b"../eth0"),
        "link-without-number": link(b"eth0", 0),
        "link-gone": message(DELLINK, struct.pack("=BxHiII", 0, 1, 2, 0, 0)),
        "addresses": (address(NEWADDR, "10.9.8.7", 24) + address(NEWADDR, "fd00::1", 64, INET6)
                      + message(DONE, b"\0" * 4)),
        "address-gone": address(DELADDR, "10.9.8.7", 24),
        "address-of-v6-gone": address(DELADDR, "fd00::1", 64, INET6),
        "address-with-a-long-prefix": address(DELADDR, "10.9.8.7", 33),
        "route-gone": route(DELROUTE, "10.1.0.0", 16),
        "route-default-gone": route(DELROUTE, "", 0),
        "route-of-another-table": route(DELROUTE, "10.1.0.0", 16, 255),
        "error": message(ERROR, struct.pack("=i", -19) + b"\0" * 16),
        "longer-than-there-is": message(NEWLINK, b"\0" * 16, 4000),
        "attribute-shorter-than-its-head": message(NEWLINK, struct.pack("=BxHiII", 0, 1, 2, 0, 0) + b"\1\0\3\0"),
    }


def event(kind: int, words: tuple[int, ...] = (7, 0, 0, 0), attached: bytes = b"", netlink: int = 0,
          length: int | None = None) -> bytes:
    """A datagram of scsi_transport_iscsi.c, behind its length."""
    head = struct.pack("=IiQ", kind, 0, 1) + b"\0" * 24 + struct.pack("=4I", *words)
    datagram = message(netlink, head + attached, length)
    return struct.pack(">H", len(datagram)) + datagram


def pdu(opcode: int, data: bytes, length: int | None = None) -> bytes:
    head = bytearray(48)
    head[0] = opcode
    head[5:8] = (len(data) if length is None else length).to_bytes(3, "big")
    return bytes(head) + padded(data)


def session_kernel_event() -> Seeds:
    created = event(11, (7, 3, 0, 0), netlink=11)
    answers = [event(kind, (0, 0, 0, 0), netlink=kind) for kind in (16, 17, 27)]
    return {
        "connection-error": event(102, (7, 0, 1011, 0)),
        "unbound": event(105, (7, 3, 0, 0)),
        "logout-response": event(101, attached=pdu(0x26, b"")),
        "reject-with-data": event(101, attached=pdu(0x3f, b"x" * 48)),
        "pdu-longer-than-there-is": event(101, attached=pdu(0x32, b"abcd", 4000)),
        "pdu-in-part": event(101, attached=b"\x32" * 20),
        "unknown": event(110),
        "answers": created + b"".join(answers),
        "answers-behind-events": event(102, (7, 0, 1020, 0)) + created + event(105) + b"".join(answers),
        "refused": event(103, netlink=11),
        "too-short": struct.pack(">H", 20) + b"\0" * 20,
        "longer-than-there-is": event(102, length=4000),
    }


def tree(chosen: dict[str, bytes]) -> bytes:
    """A flattened device tree with a /chosen node."""
    names = b"\0".join(name.encode() for name in chosen) + b"\0"
    body = struct.pack(">I", 1) + padded(b"\0") + struct.pack(">I", 1) + padded(b"chosen\0")
    for name, value in chosen.items():
        body += struct.pack(">III", 3, len(value), names.index(name.encode() + b"\0")) + padded(value)
    body += struct.pack(">III", 2, 2, 9)
    reserved, head = b"\0" * 16, 40
    at = head + len(reserved)
    return struct.pack(">10I", 0xd00dfeed, at + len(body) + len(names), at, at + len(body), head, 17, 16, 0,
                       len(names), len(body)) + reserved + body + names


def carrier(offset: int = 0x80000, size: int = 9000000, initramfs: int = 1000001, line: bytes = b"root=/dev/sda2",
            seeds: bytes = b"r" * 72, chosen: dict[str, bytes] | None = None) -> bytes:
    head = struct.pack("<4QHB", offset, size, 0x0a, initramfs, len(line), len(seeds))
    return head + line + seeds + tree(chosen if chosen is not None else {"bootargs": b"quiet\0"})


def kexec_carrier() -> Seeds:
    place = b"\0" * 8
    return {
        "ordinary": carrier(),
        "without-initramfs": carrier(initramfs=0),
        "without-text-offset": carrier(0),
        "unaligned": carrier(offset=0x80004),
        "header-of-nonsense": carrier(size=1 << 40),
        "initramfs-of-all-memory": carrier(initramfs=(1 << 64) - 1),
        "nul-in-the-line": carrier(line=b"quiet\0init=/bin/sh"),
        "without-seeds": carrier(seeds=b""),
        "tree-of-an-earlier-kexec": carrier(chosen={
            "linux,initrd-start": place, "linux,initrd-end": place, "linux,elfcorehdr": place * 2,
            "linux,booted-from-kexec": b"", "kaslr-seed": place}),
        "tree-with-short-places": carrier(chosen={"linux,initrd-start": b"\0" * 4, "linux,initrd-end": b""}),
    }


def directions(options: int, *texts: bytes, rest: bytes = bytes((192, 168, 1, 10)) + b"\x0c\xbc\0\0\0\x1a") -> bytes:
    names: tuple[bytes, ...] = (b"iqn.2024-01.local:pi4", b"iqn.2024-01.local:root", b"pi4")
    texts = texts + (names + (b"pi", b"0123456789abc", b"abc9876543210"))[len(texts):]
    return bytes((options,)) + b"".join(bytes((len(text),)) + text for text in texts) + rest


def kexec_directions() -> Seeds:
    names = (b"iqn.2024-01.local:pi4", b"iqn.2024-01.local:root", b"pi4")
    return {
        "without-chap": directions(0),
        "chap": directions(1),
        "mutual-chap": directions(3),
        "static-address": directions(4 | 8 | 16),
        "secret-with-quotes": directions(1, *names, b"pi", b"it's \"a\" \\'"),
        "secret-with-line-feed": directions(1, *names, b"pi", b"a\nrd.break"),
        "secret-with-nul": directions(1, *names, b"pi", b"a\0b"),
        "target-with-blanks": directions(0, names[0], b"iqn.2024-01.a:b init=/bin/sh"),
        "target-with-a-latin-1-blank": directions(0, names[0], b"iqn.2024-01.a:b\xa0x"),
        "host-with-quote": directions(4, *names[:2], b"\"pi"),
    }


def control_request() -> Seeds:
    return {
        "status": b"status json\n",
        "reconnect": b"reconnect\n",
        "ending": b"ending reboot\n",
        "log-out": b"log-out poweroff\n",
        "end-anyway": b"end-anyway kexec\n",
        "no-verb": b"ending \n",
        "longest": b"x" * 255 + b"\n",
        "too-long": b"x" * 256 + b"\n",
        "two-lines": b"status\nreconnect\n",
        "unfinished": b"stat",
        "answer": b"ok\nsession    connected\n",
        "answer-that-a-terminal-would-obey": b"lost\nsession    \x1b[2J\x07\n",
        "noted": b"noted sda\n",
        "noted-path": b"noted ../sda\n",
    }


def control_report() -> Seeds:
    texts = [b"0.1.0", b"waiting", b"the target does not answer", b"10.0.0.1:3260", b"iqn.2024-01.local:root",
             b"iqn.2024-01.local:pi4", b"0x1f", b"eth0", b"10.0.0.2/24", b"10.0.0.1", b"", b"sda", b"1", b"board",
             b"network", b"connection failed"]
    return {
        "lost": b"\0".join([b"x"] + texts[1:]),
        "connected": b"\0".join([b"xx"] + texts[1:] + [b""]),
        "empty": b"",
        "line-feeds": b"\0".join(text + b"\n# x" for text in texts),
        "quotes-and-backslashes": b"\0".join(text + b"\"}\\" for text in texts),
        "no-utf-8": b"\0".join(text + b"\xff\xc3" for text in texts),
    }


def keeper_portals() -> Seeds:
    return {
        "one": b"10.0.0.1:3260\n.",
        "none": b".",
        "eight": b"".join(b"10.0.0.%d:3260\n" % i for i in range(1, 9)) + b".",
        "nine": b"".join(b"10.0.0.%d:3260\n" % i for i in range(1, 10)) + b".",
        "v6": b"[fd00::1]:3260\n[fe80::1]:3261\n.",
        "both-families": b"10.0.0.1:3260\n[fd00::1]:3260\n.",
        "name": b"nas.lan:3260\n.",
        "loopback": b"127.0.0.1:3260\n.",
        "cut-off": b"10.0.0.1:3260\n10.0.",
        "behind-the-end": b"10.0.0.1:3260\n.\n10.0.0.2:3260\n.",
        "what-went-wrong": b"cannot connect to 10.0.0.1:3260",
        "of-a-target": b"10.0.0.1:3260,1\n10.0.0.2:3260,2\n[fd00::1]:3260,1\n127.0.0.1,1\nnas.lan,1\n",
    }


def handoff_interfaces() -> Seeds:
    return {
        "debian": b"source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\nallow-hotplug eth0\n"
                  b"iface eth0 inet dhcp\niface eth0 inet6 auto\n    privext 2\n",
        "two-cards": b"auto eth0 eth1\niface eth0 inet static\n  address 10.0.0.5/24\n  gateway 10.0.0.1\n"
                     b"iface eth1 inet static\n  address 10.1.0.5/24\n  up ip route add 10.2.0.0/16 dev eth1\n",
        "bridge": b"auto br0\niface br0 inet dhcp\n  bridge_ports eth0 eth1\n  bridge_stp off\n",
        "bridge-of-all": b"iface br0 inet dhcp\n  bridge_ports all\nauto eth0.55\n",
        "patterns": b"auto /eth*\nallow-hotplug /e*=home /eth*/1 mac/dc:a6:32:*\nmapping eth*\n  script x\n  map y\n",
        "logical": b"auto eth0=home eth1=home\nrename eth0=lan0\niface home inet dhcp\n",
        "vlan": b"auto eth0.5\niface eth0.5 inet static\n  vlan-raw-device eth0\niface eth0 inet manual\n",
        "continued": b"auto \\\n eth0 \\\n eth1\niface eth1 inet static\\\n\n  address 10.0.0.5\\\n/24\n",
        "name-over-two-lines": b"auto et\\\nh0 eth1\niface et\\\nh0 inet dhcp\n",
        "comment-that-ends-in-a-backslash": b"# one \\\nauto eth0 eth1\n  #two\\\nallow-hotplug eth0\n",
        "other-white-space": b"auto\veth0\feth1\r\n\viface\feth0\vinet\vdhcp\n up x\n",
        "nul": b"auto eth0\0x \\\nauto eth1\niface eth0\0 inet dhcp\n",
        "no-line-end": b"iface eth0 inet dhcp\n up x\\",
        "options-without-stanza": b"  up x\nauto eth0\n  up y\nmapping\niface\n",
    }


def handoff_covers() -> Seeds:
    script = b"#!/bin/sh\n### BEGIN INIT INFO\nset -e\n"
    return {
        "dhcpcd-conf": b"/etc/dhcpcd.conf\0hostname\ninterface eth0\nstatic ip_address=10.0.0.2/24\n",
        "script": b"/etc/init.d/halt\0" + script,
        "script-of-one-line": b"/etc/init.d/umountfs\0#!/bin/sh",
        "script-without-interpreter": b"/etc/init.d/rc\0set -e\n",
        "escaped-path": b"/etc/network/interfaces.d/50-cloud%\xc3\xa4\0auto eth0\n",
        "path-of-two-lines": b"/etc/a\nExecStart=/bin/sh\0",
        "path-with-backslash": b"/etc/a\\\0",
        "path-with-blanks": b"/etc/a b \0",
        "no-path": b"",
    }


def kernel_cmdline_secrets() -> Seeds:
    return {
        "plain": b"console=tty1 root=/dev/sda2 a.passwords=1 password=2 q=\"a  b\"   b.secret\0",
        "secrets": b"iscsi.password=\"one word\" \"wifi.psk=two=2\" x.secret=three iscsi.ip=192.0.2.1\0",
        "nearly": b"iscsi.Pasword_in=4 ISCSI.PWD=5 bootwire.apsk=6 iscsi-password=7 iscsi.mutual_secret=8\0",
        "twice": b"iscsi.password=a iscsi-password=b iscsi.password=c a.psk= a-psk a.psk=d\0",
        "for-init": b"a.psk=x -- a.psk=y b.secret=z\0",
        "empty": b"a.psk= a.psk=\"\" \"a.psk=\" \"a.psk=\"\"\0",
        "quoted-names": b"\"a\".password=x \"a b.password=y\" a\"b.psk=z\" init=/x\0",
        "unclosed": b"quiet \"a b.password=x init=/x\0",
        "equals-sign-first": b"=a.password=x \"=b.psk=y z\" ==\0",
        "line-feed": b"iscsi.password=\"a\niscsi.mutual.password=b\" x.psk=c\0",
        "latin-1-blank": b"a.psk=x\xa0b=c\0",
        "star": b"a.psk=* a.psk=x\0",
        "behind-the-end": b"a.psk=x\0b.psk=y\0",
        "no-end": b"a.psk=x",
        "long": b"a.psk=" + b"x" * 2000 + b" b.psk=y\0",
    }


def packets(*all_of_them: bytes) -> bytes:
    return b"".join(struct.pack(">H", len(packet)) + packet for packet in all_of_them)


def tftp_data(block: int, content: bytes) -> bytes:
    return struct.pack(">HH", 3, block) + content


def tftp_download() -> Seeds:
    taken = b"\0\6tsize\x00150\0blksize\x0064\0windowsize\x002\0"
    blocks = [tftp_data(1, b"a" * 64), tftp_data(2, b"b" * 64), tftp_data(3, b"c" * 22)]
    return {
        "windows": packets(taken, *blocks),
        "a-block-is-missing": packets(taken, blocks[0], blocks[2], blocks[1], blocks[2]),
        "without-options": packets(tftp_data(1, b"a" * 512), tftp_data(2, b"")),
        "options-are-refused": packets(b"\0\5\0\x08no\0", tftp_data(1, b"a")),
        "no-such-file": packets(b"\0\5\0\1File not found\0"),
        "silence": packets(taken, b"", blocks[0], b"", b""),
        "too-large": packets(b"\0\6tsize\x004097\0"),
        "an-option-too-large": packets(b"\0\6blksize\x0065\0"),
    }


def http_response() -> Seeds:
    head = b"HTTP/1.1 200 OK\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    return {
        "length": b"\3" + head + b"Content-Length: 5\r\n\r\nhello",
        "up-to-the-end": b"\1HTTP/1.0 200 OK\n\nhello",
        "chunks": b"\2" + chunked + b"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nSum: 1\r\n\r\n",
        "chunk-too-large": b"\2" + chunked + b"1\r\nx\r\nffffffffffffffff\r\n",
        "two-lengths": b"\7" + head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "sends-on": b"\7HTTP/1.1 302 Found\r\nLocation: https://nas.lan/m\r\n\r\n",
        "not-found": b"\7HTTP/1.1 404 Not Found\r\n\r\n",
    }


def seed_texts() -> Seeds:
    return {
        "usual": b"kiosk\n\x00127.0.0.1\tlocalhost\n127.0.1.1\tkiosk.lan kiosk # kiosk\n::1 kiosk\n",
        "no-hosts": b"kiosk",
        "no-name": b"\x00127.0.0.1 localhost\n",
        "localhost": b"localhost\x00127.0.0.1 localhost",
        "its-own-already": b"kiosk-cdef01\x00127.0.1.1 kiosk-cdef01\n\n",
        "long": b"n" * 63 + b"\x00127.0.1.1 " + b"n" * 63 + b"\n",
        "with-domain": b"kiosk.lan\x00127.0.1.1 kiosk.lan kiosk\n",
        "hyphen-at-the-cut": b"n" * 55 + b"-nn\x00",
        "not-a-name": b"a b\x00127.0.1.1 a b\n",
    }


TARGETS = (net_netlink, session_kernel_event, kexec_carrier, kexec_directions, control_request, control_report,
           keeper_portals, handoff_interfaces, handoff_covers, kernel_cmdline_secrets,
           tftp_download, http_response, seed_texts)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or arguments[:1] == ["-h"]:
        sys.exit(__doc__)
    corpus = Path(arguments[0]) if arguments else Path(__file__).resolve().parent / "corpus"
    for target in TARGETS:
        folder = corpus / target.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in target().items():
            (folder / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
