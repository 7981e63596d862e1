"""Programs the lab starts. None may outlive it, and what each one said is kept in a file."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab.errors import LabError
from lab.waiting import wait_until

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

PACKAGES = {
    "qemu-system-aarch64": "qemu-system-arm",
    "dnsmasq": "dnsmasq-base",
    "tgtd": "tgt",
    "tgtadm": "tgt",
    "ip": "iproute2",
    "bridge": "iproute2",
    "tcpdump": "tcpdump",
    "fdtput": "device-tree-compiler",
    "fdtget": "device-tree-compiler",
    "fdtoverlay": "device-tree-compiler",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mcopy": "mtools",
}
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def tool(name: str) -> str:
    """The path of a program, sbin included: an ordinary user's PATH often lacks it."""
    path = shutil.which(name) or shutil.which(name, path=SEARCH_PATH)
    if path is None:
        package = PACKAGES.get(name, name)
        raise LabError(f"{name} is missing: apt-get install {package} (or ./bootwire setup)")
    return path


def die_with_parent() -> None:
    """For preexec_fn: the kernel kills this process when the one that started it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command: str, check: bool = True) -> str:
    """Run to the end and return standard output; a failure carries the program's own words."""
    words = [tool(command[0]), *command[1:]]
    done = subprocess.run(words, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(command)}: {said or f'exit status {done.returncode}'}")
    return done.stdout


class Process:
    """A program that stays: its output goes to `log`, stop() asks, kill() doesn't."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.command = command
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def running(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def await_start(self, name: str, is_up: Callable[[], bool], timeout: float = 60) -> None:
        """Until it is up; where it ends instead, or nothing comes of it, its own words tell why."""
        try:
            wait_until(is_up, name, timeout, 0.02, possible=self.running)
        except LabError:
            raise LabError(f"{name} does not start: {self.output().strip()[-600:]}") from None

    def stop(self, timeout: float = 5) -> int:
        if self.running():
            self.popen.terminate()
            try:
                self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        return self.popen.wait()

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()
