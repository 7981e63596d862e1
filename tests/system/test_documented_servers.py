"""docs/servers.md, word for word: with each server's configuration as it stands there, a Pi boots.

Only addresses and paths are moved into the lab's network.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import phrases
import pytest
from test_server_snippets import program, snippets

from lab.disks import cache
from lab.errors import LabError
from lab.tgt import Tgt
from tools.card import image

PAGE = "servers.md"
TARGET = "iqn.2024-01.lan.home:pi4-root"  # of the page
SERVER = "10.77.0.10"


def of_the_page(language: str, word: str = "") -> str:
    """word: in it, where the page has more than one."""
    texts = [snippet.values[0] for snippet in snippets(language) if snippet.id.startswith(PAGE)]
    (text,) = (text for text in texts if word in text)
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


def tftpd_hpa() -> list[str]:
    """Unpacked by ./bootwire test and not installed: it would be started, and take another TFTP server's place."""
    if Path("/proc/self/setgroups").read_text().strip() == "deny":
        pytest.skip("in.tftpd wants to set its groups, which a namespace made without being root does not allow")
    unpacked = cache.directory().parent / "sysroot" / "tftpd-hpa"
    libraries = {str(file.parent) for file in unpacked.rglob("*.so.*")}
    if not libraries:
        pytest.fail(f"no {unpacked}: ./bootwire test makes it")
    return ["env", f"LD_LIBRARY_PATH={':'.join(sorted(libraries))}", str(unpacked / "usr" / "sbin" / "in.tftpd")]


def start_tftpd_hpa(host, log, text: str) -> None:
    """As Debian's service does, but for its user: in a namespace there may be none but root."""
    said = dict(re.findall(r'^TFTP_(\w+)="(.*)"$', text, re.MULTILINE))
    words = [*tftpd_hpa(), "--foreground", "--user", "root", "--address", said["ADDRESS"],
             *shlex.split(said["OPTIONS"]), said["DIRECTORY"]]
    host.start(words, log)


SERVERS = {"dnsmasq": start_dnsmasq, "dhcpd": start_dhcpd, "kea": start_kea}


@pytest.fixture
def served(make_rack, disk):
    """served(board): a rack whose target is on a machine of its own, and that machine."""

    def make(board):
        rack = make_rack(board)
        host = rack.host("server", SERVER)
        rack.tgt = Tgt(rack.directory, SERVER, host=host)
        rack.target(disk("tiny"), name=TARGET)
        return rack, host

    return make


def dnsmasqs() -> str:
    return of_the_page("dnsmasq", "dhcp-host=")


def page_of(server: str) -> str:
    return dnsmasqs() if server == "dnsmasq" else of_the_page(server)


@pytest.fixture(params=SERVERS)
def documented(request, served):
    """documented(board): a rack whose servers are as the page says."""

    def make(board):
        rack, host = served(board)
        SERVERS[request.param](rack, host, in_the_lab(page_of(request.param), rack.root))
        return rack

    return make


def test_a_pi_boots(documented):
    pi = documented("virt").boot()
    pi.console.expect(phrases.TINY_UP, 120)


def test_the_rom_of_a_pi_3_takes_the_offer(documented):
    assert documented("raspi3b").pi().fetch().kernel == "Image.gz"


def beside_a_router(served, board):
    """A DHCP server that knows nothing of network boots, and the page's proxy beside it."""
    rack, host = served(board)
    rack.another_dhcp()
    start_dnsmasq(rack, host, in_the_lab(of_the_page("dnsmasq", ",proxy"), rack.root))
    return rack


def test_a_pi_boots_with_a_proxy_beside_the_networks_own_dhcp_server(served):
    rack = beside_a_router(served, "virt")
    pi = rack.boot(f"iscsi.ip={SERVER}", f"iscsi.target={TARGET}")
    assert pi.boot.tftp_server == SERVER and pi.boot.address.startswith("10.77.0.21")
    pi.console.expect(phrases.TINY_UP, 120)


def test_the_rom_of_a_pi_3_takes_the_address_of_one_and_the_files_of_the_other(served):
    boot = beside_a_router(served, "raspi3b").pi().fetch()
    assert boot.kernel == "Image.gz"
    assert boot.tftp_server == SERVER and boot.address.startswith("10.77.0.21")


def test_the_rom_of_a_pi_3_does_not_start_from_a_proxy_alone(served):
    rack, host = served("raspi3b")
    start_dnsmasq(rack, host, in_the_lab(of_the_page("dnsmasq", ",proxy"), rack.root))
    with pytest.raises(LabError, match="no server offers"):
        rack.pi().fetch(tries=1)


def copied_from_a_card(rack):
    """What the page's commands make of a card: a folder for the TFTP server."""
    card, folder = rack.directory / "sdcard.img", rack.directory / "served"
    files = {str(file.relative_to(rack.root)): file for file in rack.root.rglob("*") if file.is_file()}
    blobs = {name: b"no firmware" for name in ("bootcode.bin", "start.elf", "fixup.dat")}
    image.write({**files, **blobs, "bootwire.txt": b"iscsi.password=of-the-card\r\n"}, card)
    folder.mkdir()
    for line in of_the_page("sh", "mcopy").splitlines():
        command = line.removeprefix("sudo ").replace("sdcard.img", str(card)).replace("/srv/tftp", str(folder))
        if not command.startswith("apt"):
            subprocess.run(["sh", "-ec", command], check=True)
    return folder


@pytest.fixture
def from_a_card(served):
    """from_a_card(board): a Pi of it, and tftpd-hpa with what was on a card."""

    def make(board):
        rack, host = served(board)
        pi = rack.pi()
        folder = copied_from_a_card(rack)
        dhcp = "".join(line for line in dnsmasqs().splitlines(keepends=True) if "tftp" not in line)
        start_dnsmasq(rack, host, in_the_lab(dhcp, folder))
        start_tftpd_hpa(host, rack.directory / "tftpd.log", in_the_lab(of_the_page("tftpd-hpa"), folder))
        return pi, folder

    return make


def test_a_pi_boots_from_tftpd_hpa_with_the_files_of_a_card(from_a_card):
    pi, folder = from_a_card("virt")
    assert not (folder / "bootwire.txt").exists(), "with what is secret on the card"
    pi.power_on().expect(phrases.TINY_UP, 120)


def test_a_pi_3_finds_all_that_it_needs_at_tftpd_hpa(from_a_card):
    pi, _ = from_a_card("raspi3b")
    boot = pi.fetch()
    assert boot.kernel == "Image.gz" and not boot.missing
