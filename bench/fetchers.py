"""Many Pis' firmware at the same moment, and no Pis: what one DHCP and TFTP server carries of a fleet.

The programs are there and wait before any of them asks; so many boots on one machine would hide the server behind
the emulation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.boards import VIRT, mac_of
from lab.errors import LabError
from lab.network import Host

SERIAL = 0x10000000B0000000
WAIT = """
import sys
from lab import firmware
print("ready", flush=True)
sys.stdin.readline()
sys.exit(firmware.main(sys.argv[1:]))
"""
TRIES = 5


@dataclass
class Fetcher:
    """One Pi as far as its firmware."""

    host: Host
    directory: Path
    process: subprocess.Popen[str]

    def await_start(self) -> None:
        assert self.process.stdout
        if self.process.stdout.readline() != "ready\n":
            raise LabError(f"the firmware of {self.host.name} does not start")

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, Any] | None:
        """What it says of itself when it has a kernel."""
        self.process.communicate()
        if self.process.returncode != 0:
            return None
        return dict(json.loads((self.directory / "boot.json").read_text()))


@dataclass
class Fetched:
    asked: int
    got_all: int
    slowest_ms: float
    wall_s: float
    tftp_bytes: float  # of one, the median of those that got all


def _prepare(number: int, directory: Path) -> Fetcher:
    serial = f"{SERIAL + number:016x}"
    mac, place = mac_of(serial), directory / f"fetcher{number}"
    place.mkdir(parents=True, exist_ok=True)
    host = Host(f"f{number}", mac=mac)
    words = [sys.executable, "-c", WAIT, VIRT.name, serial, mac, str(place), str(TRIES)]
    process = subprocess.Popen(host.command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    return Fetcher(host, place, process)


def fetch(count: int, directory: Path) -> Fetched:
    """All at once."""
    fetchers = [_prepare(number, directory) for number in range(count)]
    try:
        for fetcher in fetchers:
            fetcher.await_start()
        began = time.monotonic()
        for fetcher in fetchers:
            fetcher.go()
        with ThreadPoolExecutor(count) as pool:
            said = [report for report in pool.map(Fetcher.end, fetchers) if report]
        wall = time.monotonic() - began
    finally:
        for fetcher in fetchers:
            fetcher.process.kill()
            fetcher.host.remove()
    sizes = sorted(sum(max(request["size"], 0) for request in report["requests"]) for report in said)
    return Fetched(count, len(said), max((report["total_ms"] for report in said), default=0), round(wall, 1),
                   sizes[len(sizes) // 2] if sizes else 0)
