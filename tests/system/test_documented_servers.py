"""docs/servers.md, word for word: with each DHCP server's configuration as it stands there, a Pi boots.

Only addresses and paths are moved into the lab's network.
"""

from __future__ import annotations

import phrases
import pytest
from test_server_snippets import program, snippets

from lab.tgt import Tgt

PAGE = "servers.md"
TARGET = "iqn.2024-01.local:pi4-root"  # of the page
SERVER = "10.77.0.10"


def of_the_page(language: str) -> str:
    (text,) = (snippet.values[0] for snippet in snippets(language) if snippet.id.startswith(PAGE))
    return text


def in_the_lab(text: str, tftp_root) -> str:
    return text.replace("192.168.1.", "10.77.0.").replace("/srv/tftp", str(tftp_root))


def start_dnsmasq(rack, host, text: str) -> None:
    file = rack.directory / "dnsmasq.conf"
    leases = rack.directory / "leases"
    file.write_text(f"{text}\ninterface=eth0\nbind-interfaces\ndhcp-leasefile={leases}\nno-resolv\nno-ping\n")
    host.start([program("dnsmasq"), "--no-daemon", f"--conf-file={file}"], rack.directory / "dnsmasq.log")


def start_tftp(rack, host) -> None:
    """Beside a DHCP server that has none."""
    words = [program("dnsmasq"), "--no-daemon", "--conf-file=/dev/null", "--port=0", "--enable-tftp",
             f"--tftp-root={rack.root}", f"--listen-address={SERVER}", "--bind-interfaces"]
    host.start(words, rack.directory / "tftp.log")


def start_dhcpd(rack, host, text: str) -> None:
    start_tftp(rack, host)
    file = rack.directory / "dhcpd.conf"
    file.write_text(text)
    (rack.directory / "leases").touch()
    leases = str(rack.directory / "leases")
    words = [program("dhcpd"), "-4", "-f", "-d", "--no-pid", "-cf", str(file), "-lf", leases, "eth0"]
    host.start(words, rack.directory / "dhcpd.log")


def start_kea(rack, host, text: str) -> None:
    start_tftp(rack, host)
    file = rack.directory / "kea-dhcp4.conf"
    memory = '{ "type": "memfile", "persist": false }'
    file.write_text(text.replace('{ "type": "memfile" }', memory).replace('"*"', '"eth0"'))
    words = ["env", f"KEA_PIDFILE_DIR={rack.directory}", f"KEA_LOCKFILE_DIR={rack.directory}",
             program("kea-dhcp4"), "-c", str(file)]
    host.start(words, rack.directory / "kea.log")


SERVERS = {"dnsmasq": start_dnsmasq, "dhcpd": start_dhcpd, "kea": start_kea}


@pytest.fixture(params=SERVERS)
def documented(request, make_rack, disk):
    """documented(board): a rack whose servers, on a machine of their own, are as the page says."""

    def make(board):
        rack = make_rack(board)
        host = rack.host("server", SERVER)
        rack.tgt = Tgt(rack.directory, SERVER, host=host)
        rack.target(disk("tiny"), name=TARGET)
        SERVERS[request.param](rack, host, in_the_lab(of_the_page(request.param), rack.root))
        return rack

    return make


def test_a_pi_boots(documented):
    pi = documented("virt").boot()
    pi.console.expect(phrases.TINY_UP, 120)


def test_the_rom_of_a_pi_3_takes_the_offer(documented):
    assert documented("raspi3b").pi().fetch().kernel == "Image.gz"
