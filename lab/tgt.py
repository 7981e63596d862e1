"""A real tgt: the iSCSI target of the lab, private control socket and all."""

from __future__ import annotations

import itertools
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.network import SERVER, Host
from lab.processes import Process, run, tool
from lab.waiting import wait_until

_control_ports = itertools.count(1)
FIRST_PRIVATE_PORT = 33000


@dataclass(frozen=True)
class Chap:
    """A target's account; the mutual one is what the target proves itself with."""

    user: str
    secret: str
    mutual_user: str = ""
    mutual_secret: str = ""


@dataclass(frozen=True)
class Disk:
    """A file shown as a LUN. tgt's own LUN 0 is a controller."""

    path: Path
    lun: int = 1
    read_only: bool = False
    block_size: int = 512


@dataclass
class Target:
    name: str
    disks: list[Disk]
    chap: Chap | None = None
    initiators: tuple[str, ...] = ("ALL",)  # addresses that may log in
    initiator_names: tuple[str, ...] = ()
    redirect: tuple[str, int, str] | None = None  # address, port, "Temporary" or "Permanent"
    digests: bool = False  # demands CRC32C of headers and data


class Tgt:
    """start() and kill() any number of times: the targets come back as they were."""

    def __init__(self, directory: Path, address: str = SERVER, port: int = 3260, host: Host | None = None) -> None:
        self.directory = directory
        self.address = address
        self.port = port
        self.further: tuple[str, ...] = ()  # addresses of more portals, for the next start
        self.host = host
        self.targets: list[Target] = []
        self.control = next(_control_ports)
        self.process: Process | None = None
        self.listens_since = 0.0  # by time.monotonic()

    def add(self, target: Target) -> Target:
        self.targets.append(target)
        if self.process:
            self._create(len(self.targets), target)
        return target

    def start(self) -> "Tgt":
        Path("/run/tgtd").mkdir(exist_ok=True)
        # Nobody gets to it before its targets are there: "no such target" would be a lie.
        private = f"portal=127.0.0.1:{FIRST_PRIVATE_PORT + self.control}"
        words = [tool("tgtd"), "-f", "-C", str(self.control), "-t", "2", "--iscsi", private]
        log = self.directory / "tgtd.log"
        self.process = self.host.start(words, log) if self.host else Process(words, log)
        self.process.await_start("tgtd", self._answers)
        for number, target in enumerate(self.targets, 1):
            self._create(number, target)
        self.listens_since = time.monotonic()
        for address in (self.address, *self.further):
            self.admin("--op", "new", "--mode", "portal", "--param", f"portal={address}:{self.port}")
        self.admin("--op", "delete", "--mode", "portal", "--param", private)
        return self

    def _answers(self) -> bool:
        command = [tool("tgtadm"), "-C", str(self.control), "--op", "show", "--mode", "sys"]
        return subprocess.run(command, capture_output=True).returncode == 0

    def admin(self, *words: str) -> str:
        return run("tgtadm", "-C", str(self.control), "--lld", "iscsi", *words)

    def _create(self, number: int, target: Target) -> None:
        tid = ("--tid", str(number))
        self.admin("--op", "new", "--mode", "target", *tid, "-T", target.name)
        for disk in target.disks:
            lun = ("--lun", str(disk.lun))
            block_size = ("--blocksize", str(disk.block_size))
            self.admin("--op", "new", "--mode", "logicalunit", *tid, *lun, "-b", str(disk.path), *block_size)
            if disk.read_only:
                self.admin("--op", "update", "--mode", "logicalunit", *tid, *lun, "--params", "readonly=1")
        if target.chap:
            self._accounts(tid, target.chap)
        if target.redirect:
            for name, value in zip(("RedirectAddress", "RedirectPort", "RedirectReason"), target.redirect):
                self.admin("--op", "update", "--mode", "target", *tid, "-n", name, "-v", str(value))
        for name in ("HeaderDigest", "DataDigest") if target.digests else ():
            self.admin("--op", "update", "--mode", "target", *tid, "-n", name, "-v", "CRC32C")
        for address in target.initiators:
            self.admin("--op", "bind", "--mode", "target", *tid, "-I", address)
        for name in target.initiator_names:
            self.admin("--op", "bind", "--mode", "target", *tid, "-Q", name)

    def _account(self, tid: tuple[str, str], user: str, secret: str, *direction: str) -> None:
        if user not in self.admin("--op", "show", "--mode", "account").split():
            self.admin("--op", "new", "--mode", "account", "--user", user, "--password", secret)
        self.admin("--op", "bind", "--mode", "account", *tid, "--user", user, *direction)

    def _accounts(self, tid: tuple[str, str], chap: Chap) -> None:
        self._account(tid, chap.user, chap.secret)
        if chap.mutual_user:
            self._account(tid, chap.mutual_user, chap.mutual_secret, "--outgoing")

    def sessions(self) -> list[str]:
        """The initiator names that are logged in now."""
        return re.findall(r"Initiator: (\S+)", self.admin("--op", "show", "--mode", "target"))

    def drop_sessions(self, target: int = 1) -> None:
        """Ends every connection of that target, as an administrator would."""
        tid = ("--tid", str(target))
        session = ""
        shown = self.admin("--op", "show", "--mode", "conn", *tid)
        for name, number in re.findall(r"(Session|Connection): (\d+)", shown):
            if name == "Session":
                session = number
            else:
                self.admin("--op", "delete", "--mode", "conn", *tid, "--sid", session, "--cid", number)

    def await_session(self, seconds: float = 60) -> None:
        wait_until(self.sessions, f"somebody who logs in to {self.address}:{self.port}", seconds, 0.2)

    def stop(self) -> None:
        """At once, as a machine that lost its power: tgtd asks nothing of its initiators."""
        if self.process:
            self.process.kill()
            self.process = None
            for leftover in Path("/run/tgtd").glob(f"socket.{self.control}*"):
                leftover.unlink()

    kill = stop
