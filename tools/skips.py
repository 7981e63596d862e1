"""Tests that were skipped: found in what the runners leave behind, named, and in CI an error unless listed.

    tools/skips.py ctest FOLDER         of GoogleTest, of ctest and of pytest under it, by FOLDER/Testing and
                                        FOLDER/ctest.log
    tools/skips.py pytest LOG           of the system tests
    tools/skips.py report FOUND LIST    FOUND: what the other two have said; LIST: tests/skips.txt
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

GTEST = re.compile(r"^\[  SKIPPED \] (\S+) \(\d+ ms\)$")
GTEST_REASON = re.compile(r"^\S+:\d+: Skipped$")
CTEST_BEGIN = re.compile(r"^\d+/\d+ Testing: (.*)$")
CTEST_SKIPPED = re.compile(r"^\s+\d+ - (\S+) \(Skipped\)$")
PYTEST_NAMED = re.compile(r"^SKIPPED (\S+::.*?)(?: - (.*))?$")  # lab/shards
PYTEST_COUNTED = re.compile(r"^SKIPPED \[\d+\] (\S+): (.*)$")  # pytest -rs: a place instead of a name


@dataclass(frozen=True)
class Skip:
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} | {self.reason or 'it does not say why'}"


def of_gtest(lines: list[str]) -> list[Skip]:
    """The reason comes after the line that names the place, and before the one that names the test."""
    found: list[Skip] = []
    reason: list[str] | None = None
    for line in lines:
        if GTEST_REASON.match(line):
            reason = []
        elif match := GTEST.match(line):
            found.append(Skip(match[1], next(filter(None, reason or []), "")))
            reason = None
        elif reason is not None:
            reason.append(line.strip())
    return found


def of_pytest(lines: Iterable[str]) -> list[Skip]:
    matches = (PYTEST_NAMED.match(line) or PYTEST_COUNTED.match(line) for line in lines)
    return [Skip(match[1], (match[2] or "").removeprefix("Skipped: ")) for match in matches if match]


def _blocks(last_log: str) -> dict[str, list[str]]:
    """What each test of ctest has printed."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in last_log.splitlines():
        if match := CTEST_BEGIN.match(line):
            lines = blocks[match[1]] = []
        elif line == "<end of output>":
            lines = []
        else:
            lines.append(line)
    return blocks


def of_ctest(last_log: str, said: str) -> list[Skip]:
    """last_log: Testing/Temporary/LastTest.log, the tests' own words. said: what ctest itself has printed."""
    blocks = _blocks(last_log)
    found: list[Skip] = []
    for lines in blocks.values():
        found += of_gtest(lines) + of_pytest(lines)
    for match in filter(None, map(CTEST_SKIPPED.match, said.splitlines())):
        # A test of GoogleTest that ctest runs by itself is known already, by a better name.
        if not of_gtest(blocks.get(match[1], [])):
            last = (blocks.get(match[1]) or [""])[-1]
            found.append(Skip(match[1], "" if last.startswith("---") else last))
    return found


def read(text: str) -> list[Skip]:
    """Lines "name | reason", comments left out; of several about one test the first."""
    found: dict[str, Skip] = {}
    for line in text.splitlines():
        name, _, reason = (part.strip() for part in line.partition("|"))
        if name and not name.startswith("#"):
            found.setdefault(name, Skip(name, reason))
    return list(found.values())


def unlisted(skips: Iterable[Skip], known: Iterable[Skip]) -> list[Skip]:
    """`known` may have patterns of the shell's for names; brackets stand for themselves."""
    patterns = [entry.name.replace("[", "[[]") for entry in known]
    return [skip for skip in skips if not any(fnmatch.fnmatchcase(skip.name, pattern) for pattern in patterns)]


def report(skips: list[Skip], known: list[Skip], strict: bool) -> int:
    if skips:
        print(f"skipped, so that nothing is known of it here ({len(skips)}):")
    for skip in skips:
        print(f"  {skip}")
    new = unlisted(skips, known)
    if not strict or not new:
        return 0
    print(f"{len(new)} of them may not be skipped in CI: {', '.join(skip.name for skip in new)}; "
          "give the machine what they need, or list them in tests/skips.txt with the reason")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("ctest", "pytest", "report"))
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    first = options.files[0]
    if options.what == "report":
        found, known = (read(file.read_text()) for file in options.files)
        return report(found, known, bool(os.environ.get("CI")))
    if options.what == "ctest":
        last_log = (first / "Testing" / "Temporary" / "LastTest.log").read_text(errors="replace")
        found = of_ctest(last_log, (first / "ctest.log").read_text(errors="replace"))
    else:
        found = of_pytest(first.read_text(errors="replace").splitlines())
    for skip in found:
        print(skip)
    return 0


if __name__ == "__main__":
    sys.exit(main())
