"""What the shards tell, put together: a line for each test as it ends, and one summary."""

from __future__ import annotations

import shutil
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TextIO

WIDTH = min(max(shutil.get_terminal_size((100, 24)).columns, 60), 160)
WORDS = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
SLOWEST = 10


@dataclass
class Told:
    """One test, as far as it has been heard of."""

    outcomes: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)  # setup, call, teardown: seconds
    reason: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)  # heading, what went wrong
    ended: bool = False

    @property
    def seconds(self) -> float:
        return sum(self.phases.values())

    @property
    def word(self) -> str:
        return next((word for word in ("error", "failed", *self.outcomes) if word in self.outcomes), "interrupted")


def _outcome(event: dict[str, Any]) -> str:
    """pytest's word for one phase of a test; empty if it needs none."""
    outcome, when = event["outcome"], event["when"]
    if outcome == "failed":
        return "failed" if when == "call" else "error"
    if outcome == "skipped":
        return "xfailed" if event["xfail"] else "skipped"
    if when != "call":
        return ""
    return "xpassed" if event["xfail"] else "passed"


def _first_line(text: str) -> str:
    """What pytest's short summary shows: the first line of the error itself."""
    said = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return said[0] if said else (text.strip().splitlines() or [""])[-1]


class Results:
    """Called by all shards' threads; whole lines come out."""

    def __init__(self, total: int, out: TextIO = sys.stdout) -> None:
        self.total = total
        self.out = out
        self.tests: dict[str, Told] = {}
        self.left_out: list[str] = []
        self._done = 0
        self._lock = threading.Lock()

    def take(self, event: dict[str, Any]) -> None:
        with self._lock:
            if event["kind"] == "report":
                self._report(self.tests.setdefault(event["id"], Told()), event)
            elif event["kind"] == "end":
                self._end(event["id"])

    def missing(self, name: str, why: str) -> None:
        """A test that was dealt and has no end."""
        with self._lock:
            told = self.tests.setdefault(name, Told())
            told.outcomes.append("error")
            told.texts.append(("no result", why))
            self._end(name)

    def ended(self, name: str) -> bool:
        return name in self.tests and self.tests[name].ended

    def _report(self, told: Told, event: dict[str, Any]) -> None:
        told.phases[event["when"]] = event["seconds"]
        outcome = _outcome(event)
        if outcome:
            told.outcomes.append(outcome)
        told.reason = told.reason or event["reason"]
        if event["outcome"] == "failed":
            told.texts.append((event["when"], event["text"]))
            told.texts += [(heading, text) for heading, text in event["sections"]]

    def _end(self, name: str) -> None:
        told = self.tests.setdefault(name, Told())
        if not told.outcomes:
            told.outcomes.append("error")
            told.texts.append(("no result", "the test ended without one"))
        told.ended = True
        self._done += 1
        counter = f"[{self._done:{len(str(self.total))}}/{self.total}]"
        reason = f" ({told.reason})" if told.word in ("skipped", "xfailed") and told.reason else ""
        self._say(f"{counter} {name} {told.word.upper()}{reason} {told.seconds:.1f} s")

    # -- at the end

    def _say(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def _section(self, title: str, mark: str = "=") -> None:
        self._say(f" {title} ".center(WIDTH, mark))

    def counts(self) -> Counter[str]:
        return Counter(word for told in self.tests.values() for word in told.outcomes)

    def failed(self, among: list[str] | None = None) -> list[str]:
        names = list(self.tests) if among is None else among
        return [name for name in names if {"failed", "error"} & set(self.tests[name].outcomes)]

    def summary(self, seconds: float, cut_short: str = "") -> None:
        self._failures()
        self._slowest()
        if self.left_out:
            self._section("left out; --all runs them")
            for name in self.left_out:
                self._say(name)
        self._short()
        if cut_short:
            self._section(f"{cut_short}: {self.total - self._done} tests have no result", "!")
        counts = self.counts()
        plural = {"error": "errors"}
        parts = [f"{n} {word if n == 1 else plural.get(word, word)}" for word in WORDS if (n := counts[word])]
        whole = int(seconds)
        clock = f" ({whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02})" if seconds >= 60 else ""
        self._section(f"{', '.join(parts) or 'no tests ran'} in {seconds:.2f}s{clock}")

    def _failures(self) -> None:
        failed = self.failed()
        if failed:
            self._section("FAILURES")
        for name in failed:
            self._section(name, "_")
            for heading, text in self.tests[name].texts:
                self._section(heading, "-")
                self._say(text.rstrip("\n"))

    def _slowest(self) -> None:
        phases = [(took, when, name) for name, told in self.tests.items() for when, took in told.phases.items()]
        if phases:
            self._section(f"slowest {SLOWEST} durations")
        for took, when, name in sorted(phases, reverse=True)[:SLOWEST]:
            self._say(f"{took:.2f}s {when:8} {name}")

    def _short(self) -> None:
        noted = [(name, told) for name, told in self.tests.items() if told.word != "passed"]
        if noted:
            self._section("short test summary info")
        for name, told in noted:
            why = told.reason or (_first_line(told.texts[0][1]) if told.texts else "")
            self._say(f"{told.word.upper()} {name}" + (f" - {why}" if why else ""))
