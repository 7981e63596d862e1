"""Which tests go together, and in which order they are handed out. No processes and no clocks here."""

from __future__ import annotations

import itertools
import json
import os
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

# Seconds, where nothing is remembered: a tiny disk's boot, a Debian that a whole file looks at,
# and the same behind QEMU's slow USB.
TEST, SHARED, SLOW_BOARD = 5.0, 60.0, 180.0
# A pytest process costs a second or two: it gets about this much to do, and at least that.
MOST, LEAST = 40.0, 10.0


@dataclass(frozen=True)
class Case:
    id: str
    shared: tuple[str, ...] = ()  # fixtures that it has in common with other tests
    limit: float = 0  # seconds for each of its phases

    @property
    def file(self) -> str:
        return self.id.split("::")[0]


@dataclass
class Unit:
    """What one pytest process runs."""

    tests: list[str] = field(default_factory=list)
    seconds: float = 0

    def add(self, test: Case, seconds: float) -> None:
        self.tests.append(test.id)
        self.seconds += seconds


class Durations:
    """What each test took the last time, kept in a file that several checkouts may use."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.known: dict[str, float] = {}
        try:
            self.known = {str(name): float(took) for name, took in json.loads(file.read_text()).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            pass  # nothing remembered, or nothing that makes sense: it is a hint, no more

    def expected(self, test: Case) -> float:
        if test.id in self.known:
            return self.known[test.id]
        beside = [took for name, took in self.known.items() if name.startswith(test.file + "::")]
        return statistics.median(beside) if beside and not test.shared else TEST

    def first_time(self, tests: list[Case]) -> float:
        """What tests with a common fixture take beyond their own, where that isn't remembered."""
        if any(test.id in self.known for test in tests):
            return 0
        return SLOW_BOARD if any("raspi" in name for test in tests for name in test.shared) else SHARED

    def remember(self, took: dict[str, float]) -> None:
        self.known = {**Durations(self.file).known, **took}
        part = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(self.known, indent=0, sort_keys=True))
            part.replace(self.file)
        except OSError:
            part.unlink(missing_ok=True)


def _families(tests: list[Case]) -> list[list[Case]]:
    """Tests that have a shared fixture in common, directly or through others."""
    family_of: dict[str, list[Case]] = {}
    for test in tests:
        joined = [test]
        for name in test.shared:
            other = family_of.get(name)
            if other is not None and other is not joined:
                other.extend(joined)
                joined = other
        for member in joined:
            for name in member.shared:
                family_of[name] = joined
    return list({id(family): family for family in family_of.values()}.values())


def _cut(tests: list[Case], durations: Durations, most: float) -> list[Unit]:
    """Tests of one file that need not stay together, in pieces of about so many seconds."""
    units = [Unit()]
    for test in tests:
        if units[-1].seconds >= most:
            units.append(Unit())
        units[-1].add(test, durations.expected(test))
    return units


def units(tests: list[Case], durations: Durations, shards: int) -> list[Unit]:
    """Every test in exactly one unit, the longest unit first."""
    made = []
    for family in _families(tests):
        unit = Unit(seconds=durations.first_time(family))
        for test in family:
            unit.add(test, durations.expected(test))
        made.append(unit)
    alone: dict[str, list[Case]] = defaultdict(list)
    for test in tests:
        if not test.shared:
            alone[test.file].append(test)
    total = sum(durations.expected(test) for test in itertools.chain(*alone.values()))
    most = max(LEAST, min(MOST, total / (2 * shards)))
    for file in alone.values():
        made += _cut(file, durations, most)
    return sorted(made, key=lambda unit: -unit.seconds)
