"""A virtual Raspberry Pi: the firmware stand-in and QEMU, from power-on to a shell in the booted OS."""

from __future__ import annotations

import itertools
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import firmware
from lab.boards import Board, mac_of
from lab.console import Console, ConsoleClosed, ConsoleTimeout
from lab.errors import LabError
from lab.firmware import Boot, CardSource, Firmware
from lab.machine import Machine, Options
from lab.network import Host, Tap
from lab.waiting import Deadline

STAGE = re.compile(r"\[init\]\s+(\d+) ms  (.*)$", re.MULTILINE)  # a UART may have said a byte before
PROMPT = r"^[^\n]*[#$] (?:\x1b\[6n)?$"  # busybox asks the terminal where its cursor is
SPOILT_PROMPT = r"login: |Password: |[#$] "  # with a line of the kernel's behind it
# The kernel's lines would come in the middle of a command's output; they are in its log all the same.
HUSH = "read loud rest </proc/sys/kernel/printk; echo 1 >/proc/sys/kernel/printk"
SPEAK = "echo $loud >/proc/sys/kernel/printk"
_numbers = itertools.count()


@dataclass
class Ran:
    """A command's end in the booted OS."""

    status: int
    output: str


@dataclass
class Stage:
    ms: int  # since the kernel's start
    text: str


class VirtualPi:
    """power_on() is fetch() and start(); a test that changes the network in between calls both."""

    def __init__(
        self, board: Board, directory: Path, serial: str | None = None, options: Options | None = None
    ) -> None:
        number = next(_numbers)
        self.board = board
        self.directory = directory
        self.serial = serial or f"{0x10000000A0770000 + number:016x}"
        self.mac = mac_of(self.serial)
        self.options = options or Options()
        self.name = f"pi{number}"
        self._tap: Tap | None = None
        self.boot: Boot | None = None
        self._machine: Machine | None = None
        directory.mkdir(parents=True, exist_ok=True)

    # -- from power-on to the kernel's first instruction

    def fetch(self, tries: int = 5) -> Boot:
        """The firmware's part, as a host with the Pi's MAC on the Pi's switch port."""
        host = Host(self.name, mac=self.mac)
        try:
            words = host.command(sys.executable, "-m", "lab.firmware", self.board.name, self.serial, self.mac,
                                 str(self.directory / "fetched"), str(tries))
            done = subprocess.run(words, text=True, capture_output=True)
        finally:
            host.remove()
        if done.returncode != 0:
            raise LabError(f"the firmware does not get as far as a kernel: {done.stderr.strip()}")
        self.boot = firmware.load(self.directory / "fetched" / "boot.json")
        return self.boot

    def insert_card(self, files: Path) -> Boot:
        """The firmware's part, from an SD card with these files."""
        self.boot = Firmware(self.board, self.serial, CardSource(files), self.directory / "fetched").run()
        return self.boot

    def start(self, cable: bool = True, forwarding: bool = True) -> Console:
        """cable: whether it is plugged in; forwarding: whether the switch passes packets on."""
        if self.boot is None:
            raise LabError("nothing fetched yet")
        if self._tap is None:
            self._tap = Tap(self.name)
        self._machine = Machine(self.boot, self.mac, self.tap.name, self.directory, self.options)
        if not forwarding:
            self.tap.forward(False)
        if not cable:
            self.machine.link(False)
        self.machine.start()
        return self.console

    def power_on(self) -> Console:
        self.fetch()
        return self.start()

    def power_off(self) -> None:
        """The plug, pulled."""
        if self._machine:
            self._machine.stop()
            self._machine = None
        if self._tap:
            self._tap.remove()
            self._tap = None

    @property
    def cpus(self) -> int:
        return self.options.cpus if self.board.name == "virt" else 4

    @property
    def on(self) -> bool:
        return self._machine is not None

    @property
    def machine(self) -> Machine:
        if self._machine is None:
            raise LabError("the Pi is switched off")
        return self._machine

    @property
    def tap(self) -> Tap:
        """Its port of the switch."""
        if self._tap is None:
            raise LabError("the Pi has not been switched on")
        return self._tap

    @property
    def console(self) -> Console:
        return self.machine.console

    # -- what init says

    def expect_stage(self, words: str, timeout: float = 90) -> Stage:
        """The next line of init's that matches."""
        match = self.console.expect(rf"\[init\]\s+(\d+) ms  ([^\n]*(?:{words})[^\n]*)\n", timeout)
        return Stage(int(match[1]), match[2])

    def stages(self) -> list[Stage]:
        return [Stage(int(ms), text) for ms, text in STAGE.findall(self.console.text)]

    # -- in the booted OS

    def login(self, timeout: float = 300, user: str = "root", password: str = "") -> None:
        """At the login prompt, or straight at a shell's."""
        match = self._prompt(rf"login: $|{PROMPT}", timeout)
        if "login" in match[0]:
            self.console.send_line(user)
            match = self._prompt(rf"Password: |{PROMPT}", 120)
            if "Password" in match[0]:
                self.console.send_line(password)
                self._prompt(PROMPT, 120)
        self.run("stty -echo cols 4000; export TERM=dumb SYSTEMD_COLORS=0 SYSTEMD_PAGER= PS1='# '")

    def _prompt(self, wanted: str, timeout: float) -> re.Match[str]:
        """The prompt; Enter brings a new one where the kernel has spoilt it."""
        deadline = Deadline(timeout)
        while True:
            left = deadline.left()
            try:
                return self.console.expect(wanted, min(left, 10))
            except ConsoleClosed:
                raise
            except ConsoleTimeout:
                if left <= 10:
                    raise
            if re.search(SPOILT_PROMPT, self.console.text[self.console.position :]):
                self.console.send_line("")

    def run(self, command: str, timeout: float = 120) -> Ran:
        """Run in the shell on the console; marks that the echo can't contain frame the output."""
        mark = secrets.token_hex(4)
        self.console.skip()
        self.console.send_line(f"{HUSH}; echo '<<'{mark}; {{ {command}; }} 2>&1; s=$?; echo; echo '>>'{mark} $s")
        self.console.expect(rf"<<{mark}\n", timeout)
        start = self.console.position
        end = self.console.expect(rf"\n>>{mark} (\d+)\n", timeout)
        self.console.send_line(SPEAK)
        return Ran(int(end[1]), self.console.text[start : end.start()].strip("\n"))

    def check(self, command: str, timeout: float = 120) -> str:
        """run(), and what it printed; its failure is the test's."""
        ran = self.run(command, timeout)
        assert ran.status == 0, f"{command}: exit status {ran.status}\n{ran.output}"
        return ran.output
