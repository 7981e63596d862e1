"""A network of the lab's own: namespaces, a bridge as the switch, a tap for each Pi.

Nothing outside is touched, and no root is needed where user namespaces are allowed: the
lab starts itself again under unshare(1). The process namespace takes everything down with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from lab.errors import LabError
from lab.processes import Process, die_with_parent, run, tool
from lab.waiting import wait_until

SWITCH = "lab0"
SERVER = "10.77.0.1"
PREFIX = 24
NETWORK = "10.77.0.0"
NETMASK = "255.255.255.0"
MARK = "BOOTWIRE_LAB_NETWORK"
PRIVATE_DIRECTORIES = ("/run", "/var/lib/misc")


def inside() -> bool:
    """The variable names the namespace it was set in, so that a leaked one is no proof."""
    return os.environ.get(MARK) == os.readlink("/proc/self/ns/net")


def _unshare_command() -> list[str]:
    common = [tool("unshare"), "--net", "--mount", "--pid", "--mount-proc", "--kill-child"]
    attempts = [[*common, "--user", "--map-root-user"]]
    if os.geteuid() == 0:
        attempts.insert(0, common)
    said = ""
    for attempt in attempts:
        done = subprocess.run([*attempt, "true"], text=True, capture_output=True)
        if done.returncode == 0:
            return attempt
        said = done.stderr.strip()
    raise LabError(
        f"cannot make a network namespace ({said}): allow user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces=10000) or run as root"
    )


def enter(arguments: list[str]) -> NoReturn:
    """Replace this process by `python3 -m lab --inside ARGUMENTS` in new namespaces."""
    command = [*_unshare_command(), sys.executable, "-m", "lab", "--inside", *arguments]
    die_with_parent()
    os.execv(command[0], command)


def prepare() -> None:
    """Inside, once: the switch with the servers' address, and empty places for the servers' files."""
    for directory in PRIVATE_DIRECTORIES:
        if Path(directory).is_dir():
            run("mount", "-t", "tmpfs", "-o", "mode=755", "lab", directory)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", SWITCH, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
    run("ip", "address", "add", f"{SERVER}/{PREFIX}", "dev", SWITCH)
    run("ip", "link", "set", SWITCH, "up")
    os.environ[MARK] = os.readlink("/proc/self/ns/net")


class Tap:
    """The switch port a virtual Pi is plugged into."""

    def __init__(self, name: str) -> None:
        self.name = name
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            raise LabError("/dev/net/tun cannot be opened: modprobe tun, and chmod 666 /dev/net/tun as Debian has it")
        run("ip", "tuntap", "add", "dev", name, "mode", "tap")
        run("ip", "link", "set", name, "master", SWITCH, "up")

    def forward(self, yes: bool) -> None:
        """False: the link stays up and no packet flows, as behind a switch that still learns."""
        run("bridge", "link", "set", "dev", self.name, "state", "3" if yes else "0")

    def cable(self) -> str:
        """Unplugs it and plugs in a cable instead; the name of the cable's near end. For lab/wire.py,
        which is to pass on what comes at the tap and at that end."""
        near, far = f"{self.name}-near", f"{self.name}-far"
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
        run("ip", "link", "set", near, "up")
        run("ip", "link", "set", self.name, "nomaster")
        run("ip", "link", "set", far, "master", SWITCH, "up")
        return near

    def remove(self) -> None:
        run("ip", "link", "delete", self.name, check=False)
        run("ip", "link", "delete", f"{self.name}-near", check=False)


class Host:
    """Another machine on the switch: a network namespace that a sleeping process holds open."""

    def __init__(self, name: str, mac: str | None = None, address: str | None = None) -> None:
        self.name = name
        self.port = f"to-{name}"[:15]
        self._started: list[Process] = []
        self._holder = subprocess.Popen([tool("unshare"), "--net", "sleep", "infinity"], preexec_fn=die_with_parent)
        self._await_namespace()
        identity = ["address", mac] if mac else []
        peer = ["type", "veth", "peer", "name", "eth0", *identity, "netns", str(self._holder.pid)]
        run("ip", "link", "add", self.port, *peer)
        run("ip", "link", "set", self.port, "master", SWITCH, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "set", "eth0", "up")
        if address:
            self.run("ip", "address", "add", f"{address}/{PREFIX}", "dev", "eth0")

    def _await_namespace(self) -> None:
        ours = os.readlink("/proc/self/ns/net")
        theirs = f"/proc/{self._holder.pid}/ns/net"
        what = f"a network namespace for the host {self.name}"
        wait_until(lambda: os.readlink(theirs) != ours, what, 60, 0.005, possible=lambda: self._holder.poll() is None)

    def command(self, *words: str) -> list[str]:
        """The same command, as this machine would run it."""
        return [tool("nsenter"), f"--net=/proc/{self._holder.pid}/ns/net", "--", tool(words[0]), *words[1:]]

    def run(self, *words: str) -> str:
        return run(*self.command(*words))

    def start(self, words: list[str], log: Path) -> Process:
        """A program that stays, until it is stopped or the host is removed."""
        self._started.append(Process(self.command(*words), log))
        return self._started[-1]

    def remove(self) -> None:
        for process in self._started:
            process.kill()
        run("ip", "link", "delete", self.port, check=False)
        self._holder.kill()
        self._holder.wait()
