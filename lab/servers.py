"""One rack of the lab: DHCP, TFTP, a target, a private copy of a disk, and Pis to boot from it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab import before_init, tftp_root
from lab.boards import BOARDS, Board
from lab.dnsmasq import DhcpOptions, Dnsmasq, root_path
from lab.errors import LabError
from lab.faults import FaultProxy, Wire
from lab.login_peer import LoginPeer
from lab.machine import Options
from lab.network import SERVER, Host
from lab.pi import VirtualPi
from lab.processes import Process, run
from lab.tgt import Chap, Disk, Target, Tgt
from lab.vlan import Vlan

TARGET = "iqn.2026-11.test.lab:pi-root"


def copy_disk(source: Path, destination: Path) -> Path:
    """Sparse, and shared with the original where the file system can. Nothing stays of half a copy."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        run("cp", "--reflink=auto", "--sparse=always", str(source), str(destination))
    except BaseException:
        destination.unlink(missing_ok=True)
        free = shutil.disk_usage(destination.parent).free
        size = source.stat().st_blocks * 512 if source.exists() else 0
        if free < size:
            raise LabError(f"no room for a copy of {source}: it needs {size >> 20} MB in {destination.parent}, "
                           f"and {free >> 20} MB are free") from None
        raise
    return destination


class Rack:
    """Everything in one folder, everything stopped by close()."""

    def __init__(self, out: Path, directory: Path, board: str = "virt") -> None:
        self.out = out
        self.directory = directory
        self.board: Board = BOARDS[board]
        self.cpus = Options.cpus  # of `virt`; a Pi 3 has four
        self.root = tftp_root.make(out, directory / "tftp")
        self.tgt = Tgt(directory)
        self.dhcp: Dnsmasq | None = None
        self.others: list[Dnsmasq] = []
        self.hosts: list[Host] = []
        self.vlans: list[Vlan] = []
        self.fronts: list[LoginPeer] = []
        self.faulty: list[FaultProxy | Wire] = []
        self.pis: list[VirtualPi] = []
        self.booted: VirtualPi  # by a fixture, where the tests of a module take turns with one Pi
        self.copies: list[Path] = []

    # -- what is served

    def copy(self, image: Path) -> Path:
        copy = copy_disk(image, self.directory / f"disk{len(self.copies)}.img")
        self.copies.append(copy)
        return copy

    def target(
        self, image: Path, name: str = TARGET, lun: int = 1, chap: Chap | None = None, **options: object
    ) -> Target:
        """Add a target with a private copy of this disk; the server starts with the first one."""
        target = self.tgt.add(Target(name, [Disk(self.copy(image), lun)], chap, **options))  # type: ignore[arg-type]
        if self.tgt.process is None:
            self.tgt.start()
        return target

    def serve(self, **options: object) -> Dnsmasq:
        """DHCP and TFTP; the root path is the one of the lab's target unless it is given."""
        defaults = {"root_path": root_path(TARGET), "tftp_root": self.root}
        given = DhcpOptions(**{**defaults, **options})  # type: ignore[arg-type]
        if self.dhcp:
            self.dhcp.stop()
        self.dhcp = Dnsmasq(given, self.directory / "dhcp").start()
        return self.dhcp

    def change(self, **options: object) -> Dnsmasq:
        """The same server with other answers, as after an edit of its configuration."""
        assert self.dhcp
        return self.serve(**{**vars(self.dhcp.options), **options})

    def another_dhcp(self, address: str = "10.77.0.2", **options: object) -> Dnsmasq:
        """A second server on the same network, on a machine of its own."""
        host = self.host(f"dhcp{len(self.others)}", address)
        defaults = {"first": "10.77.0.210", "last": "10.77.0.219", "network_boot": False}
        given = DhcpOptions(**{**defaults, **options})  # type: ignore[arg-type]
        server = Dnsmasq(given, self.directory / host.name, host)
        self.others.append(server)
        return server.start()

    def vlan(self, number: int) -> Vlan:
        """A tagged network, which targets that are added from now on are served in."""
        vlan = Vlan(number)
        self.vlans.append(vlan)
        self.tgt.address = vlan.address
        return vlan

    def dhcp_in(self, vlan: Vlan, **options: object) -> Dnsmasq:
        """A server that only those hear who are in this VLAN."""
        defaults = {"first": vlan.host(100), "last": vlan.host(199), "router": vlan.address, "dns": vlan.address,
                    "root_path": root_path(TARGET, server=vlan.address), "network_boot": False}
        given = DhcpOptions(**{**defaults, **options})  # type: ignore[arg-type]
        server = Dnsmasq(given, self.directory / f"dhcp-vlan{vlan.number}", interface=vlan.interface)
        self.others.append(server)
        return server.start()

    def front(self, *options: str, port: int = 3270) -> LoginPeer:
        """A scripted target front before the real target; see login-peer --help."""
        peer = LoginPeer(self.directory, *options, port=port)
        self.fronts.append(peer)
        return peer

    def fault_proxy(self, port: int = 3290, target: str = f"{SERVER}:3260") -> FaultProxy:
        """Before a real target, and not to be trusted; see lab/fault_proxy.py."""
        proxy = FaultProxy(self.directory, port, target)
        self.faulty.append(proxy)
        return proxy

    def wire(self, pi: VirtualPi) -> Wire:
        """A bad cable between this Pi, which is switched on, and the switch; see lab/wire.py."""
        wire = Wire(self.directory, pi.tap.name, pi.tap.cable())
        self.faulty.append(wire)
        return wire

    def scripted_dhcp(self, *faults: str, address: str = "10.77.0.3", root: str | None = None) -> Process:
        """A server that misbehaves: see lab/scripted_dhcp.py for the faults."""
        host = self.host(f"odd{len(self.hosts)}", address)
        given = root_path(TARGET) if root is None else root
        words = [sys.executable, "-m", "lab.scripted_dhcp", address, "10.77.0.50", given, *faults]
        return host.start(words, self.directory / f"{host.name}.log")

    def host(self, name: str, address: str) -> Host:
        host = Host(name, address=address)
        self.hosts.append(host)
        return host

    # -- what boots

    def pi(self, *words: str, options: Options | None = None) -> VirtualPi:
        """A Pi, switched off, whose kernel command line has these words."""
        tftp_root.for_board(self.root, self.board, *words)
        own_options = replace(options or Options(cpus=self.cpus))
        pi = VirtualPi(self.board, self.directory / f"pi{len(self.pis)}", options=own_options)
        self.pis.append(pi)
        return pi

    def before_init(self, modules: Sequence[str] = (), programs: Sequence[str] = ()) -> str:
        """A word for pi(): loads modules of kernel/lab.config and starts programs of tests/system/guest."""
        return before_init.add_to(self.root, self.out, modules, programs)

    def boot(self, *words: str, options: Options | None = None) -> VirtualPi:
        """The same, switched on."""
        pi = self.pi(*words, options=options)
        pi.power_on()
        return pi

    def close(self) -> None:
        """Logs and transcripts stay; disks and kernels go."""
        for pi in self.pis:
            pi.power_off()
            shutil.rmtree(pi.directory / "fetched", ignore_errors=True)
        for server in [*self.others, *([self.dhcp] if self.dhcp else [])]:
            server.stop()
        for front in [*self.fronts, *self.faulty]:
            front.stop()
        self.tgt.stop()
        for host in self.hosts:
            host.remove()
        for vlan in self.vlans:
            vlan.remove()
        for copy in self.copies:
            copy.unlink(missing_ok=True)
        shutil.rmtree(self.root, ignore_errors=True)
