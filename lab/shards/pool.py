"""The shards: so many pytest processes at a time, each on its next unit, until none is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.shards.deal import Unit
from lab.shards.results import Results

POLL = 0.1
GRACE = 20  # seconds to take racks down after an interrupt
GIVE_UP = 20  # failures after which the rest would tell nothing new, each after its full waiting time


@dataclass(frozen=True)
class Way:
    """How pytest is run."""

    launcher: list[str]  # up to and including the Python
    arguments: list[str]
    scratch: Path
    silence: float  # seconds without a word from a shard after which it is ended


class _Tail:
    """The whole lines that a file has got since it was asked the last time."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self.file = path.open("rb")
        self.rest = b""

    def events(self) -> list[dict[str, Any]]:
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        return [json.loads(line) for line in lines if line]

    def close(self) -> None:
        self.file.close()


def start(way: Way, name: str, *further: str) -> tuple[subprocess.Popen[bytes], Path, Path]:
    """pytest in a process group of its own, what it prints and what it tells in files."""
    log, events = way.scratch / f"{name}.log", way.scratch / f"{name}.events"
    events.unlink(missing_ok=True)
    words = [*way.launcher, "-m", "pytest", "-p", "lab.shards.events", f"--events={events}", *further, *way.arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return process, log, events


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def end(process: subprocess.Popen[bytes], grace: float) -> None:
    """As Ctrl-C would, so that copies of disks go; the lab's namespaces end with their first process."""
    if process.poll() is None:
        _signal(process, signal.SIGINT)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
    process.wait()


class Pool:
    def __init__(self, way: Way, units: list[Unit], results: Results) -> None:
        self.way = way
        self.waiting = deque(enumerate(units))
        self.results = results
        self.stop = threading.Event()
        self.gave_up = False
        self.broken: list[BaseException] = []

    def run(self, shards: int) -> None:
        """Returns when all units are done. Whatever comes up here ends the shards first."""
        ended = [threading.Event() for _ in range(shards)]
        try:
            for event in ended:
                threading.Thread(target=self._shard, args=(event,)).start()
            for event in ended:  # an interrupted join() would take a thread for one that has ended
                event.wait()
        except BaseException:
            self.stop.set()
            for event in ended:
                event.wait()
            raise
        if self.broken:
            raise self.broken[0]

    def _shard(self, ended: threading.Event) -> None:
        try:
            while not self.stop.is_set():
                try:
                    number, unit = self.waiting.popleft()
                except IndexError:
                    return
                self._run(number, unit)
        except BaseException as error:
            self.broken.append(error)
            self.stop.set()
        finally:
            ended.set()

    def _run(self, number: int, unit: Unit) -> None:
        name = f"shard-{number:03}"
        listed = self.way.scratch / f"{name}.tests"
        listed.write_text("\n".join(unit.tests) + "\n")
        process, log, events = start(self.way, name, f"--only={listed}")
        tail = _Tail(events)
        try:
            why = self._follow(process, tail)
        finally:
            end(process, GRACE)
            tail.close()
        if self.stop.is_set():
            return
        lost = [test for test in unit.tests if not self.results.ended(test)]
        if not lost and process.returncode != (1 if self.results.failed(unit.tests) else 0):
            lost = [f"{unit.tests[-1]} (after it)"]
        for test in lost[:1]:
            self.results.missing(test, f"{why}; its last words:\n{_end_of(log)}")
        for test in lost[1:]:
            self.results.missing(test, f"{why}: see {lost[0]}")

    def _follow(self, process: subprocess.Popen[bytes], tail: _Tail) -> str:
        """Until the process has ended, or has to be; how it went."""
        heard = time.monotonic()
        while True:
            ended = process.poll() is not None  # before the last look, not after it
            for event in tail.events():
                self.results.take(event)
                heard = time.monotonic()
            if len(self.results.failed()) >= GIVE_UP:
                self.gave_up = True
                self.stop.set()
            if ended:
                return f"the shard ended with status {process.returncode}"
            if self.stop.is_set():
                return "stopped"
            if time.monotonic() - heard > self.way.silence:
                return f"the shard said nothing for {self.way.silence:g} s and was ended"
            time.sleep(POLL)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])
