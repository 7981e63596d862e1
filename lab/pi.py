"""A virtual Raspberry Pi: the firmware stand-in and QEMU, from power-on to a shell in the booted OS."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import firmware, recovery
from lab.boards import Board, mac_of
from lab.card import CardImage
from lab.console import Console
from lab.errors import LabError
from lab.firmware import Boot, CardSource, Firmware
from lab.machine import Machine, Options
from lab.network import Host, Tap
from lab.shell import Shell

STAGE = re.compile(r"\[init\]\s+(\d+) ms  (.*)$", re.MULTILINE)  # a UART may have said a byte before
_numbers = itertools.count()


@dataclass
class Stage:
    ms: int  # since the kernel's start
    text: str


class VirtualPi(Shell):
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

    def insert_card(self, files: Path, recovers: bool = True) -> Boot:
        """The firmware's part, from an SD card: its image, or a folder with the files that are on it. An image may have
        an update of the EEPROM; recovers: the boot ROM looks for it."""
        source: CardSource | CardImage = CardSource(files) if files.is_dir() else CardImage(files)
        if isinstance(source, CardImage) and self.options.bootloader and recovers:
            self.options.bootloader = recovery.run(source, self.options.bootloader)
        self.boot = Firmware(self.board, self.serial, source, self.directory / "fetched").run()
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
