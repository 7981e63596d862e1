"""See lab/shards/__init__.py."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from lab.disks.cache import directory as disks_directory
from lab.shards.deal import Case, Durations, units
from lab.shards.pool import Pool, Way, end, start
from lab.shards.results import Results
from lab.time_limit import LIMIT

ROOT = Path(__file__).resolve().parents[2]
LAB = [sys.executable, "-m", "lab", "run", sys.executable]

# With these, or where only a terminal makes sense of them, pytest is run once, as it is.
ALONE = re.compile(
    r"--(exitfirst|maxfail|sw|stepwise|pdb|trace|capture|co|collect|setup|fixtures|markers|help|version|cache|junit"
    r"|basetemp)"
)
TAKES_A_VALUE = ("-k", "-m", "-p", "-o", "-c", "-r", "-W")
# Which tests run is decided once, for all shards.
CHOICE = {"--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first"}


def alone(arguments: list[str]) -> bool:
    """Whether these arguments make no sense for several pytest processes."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word in TAKES_A_VALUE:
            skip = True
        elif ALONE.match(word):
            return True
        elif re.match(r"-[a-zA-Z]", word) and not word.startswith(TAKES_A_VALUE) and set(word) & set("xsh"):
            return True
    return False


def usual_shards() -> int:
    """One more than there are cores: servers, leases and watchdogs are waited for, slow USB most of all."""
    return len(os.sched_getaffinity(0)) + 1


def collect(way: Way) -> tuple[int, list[Case], list[str]]:
    """pytest's status, the tests it would run, and what is left out."""
    process, log, events = start(way, "collection", "--collect-only", "-q")
    try:
        status = process.wait()
    finally:
        end(process, 1)
    tests, left_out = [], []
    for line in events.read_text().splitlines() if events.exists() else []:
        event = json.loads(line)
        if event["kind"] == "collected":
            tests.append(Case(event["id"], tuple(event["shared"]), event["limit"]))
        elif event["kind"] == "left out":
            left_out.append(event["id"])
    if status not in (0, 5):
        print(log.read_text(errors="replace"), end="", flush=True)
    return status, tests, list(dict.fromkeys(left_out))


def patience(tests: list[Case]) -> float:
    """Seconds without a word after which a shard is stuck where its own limits don't reach."""
    return max([LIMIT, *(test.limit for test in tests)]) + 120


def remember_failures(results: Results, root: Path) -> None:
    """What --lf asks for: pytest's own file, which each shard would write over."""
    file = root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        known = {}
    failed = set(results.failed())
    known = {name: True for name in [*known, *failed] if name in failed or name not in results.tests}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=2))


def run(arguments: list[str], shards: int, launcher: list[str], scratch: Path, durations: Durations, root: Path) -> int:
    """pytest's exit status for all shards together."""
    began = time.monotonic()
    # Collected outside of the lab: which tests there are does not depend on its network.
    status, tests, left_out = collect(Way([sys.executable], arguments, scratch, 0))
    if status not in (0, 5):
        return status
    results = Results(len(tests))
    results.left_out = left_out
    dealt = units(tests, durations, shards)
    print(f"{len(tests)} tests in {len(dealt)} units for {shards} shards", flush=True)
    rest = [word for word in arguments if word not in CHOICE]
    pool = Pool(Way(launcher, ["-p", "no:cacheprovider", *rest], scratch, patience(tests)), dealt, results)
    cut_short = ""
    try:
        pool.run(shards)
    except KeyboardInterrupt:
        cut_short = "interrupted"
    if pool.gave_up:
        cut_short = f"gave up after {len(results.failed())} failures"
    results.summary(time.monotonic() - began, cut_short)
    remember_failures(results, root)
    if cut_short == "interrupted":
        return 130
    durations.remember({name: told.seconds for name, told in results.tests.items() if told.word == "passed"})
    if not tests:
        return 5
    return 1 if results.failed() or set(results.tests) != {test.id for test in tests} else 0


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    shards = usual_shards()
    if "--shards" in arguments:
        at = arguments.index("--shards")
        if not arguments[at + 1 : at + 2] or not arguments[at + 1].isdigit() or int(arguments[at + 1]) < 1:
            print("shards: --shards needs a number", file=sys.stderr)
            return 4
        shards = int(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    os.chdir(ROOT)
    if shards == 1 or alone(arguments):
        words = [*LAB, "-m", "pytest", "-ra", "--durations=10", *arguments]
        os.execv(words[0], words)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    durations = Durations(disks_directory().parent / "tests" / "durations.json")
    out = Path(os.environ.get("BOOTWIRE_OUT", ROOT / "out")) / "lab"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shards-", dir=out) as scratch:
        return run(arguments, shards, LAB, Path(scratch), durations, ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
