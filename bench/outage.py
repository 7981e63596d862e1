"""./bootwire bench outage: from the moment when a target listens again to the first write that is done.

The root disk of a Debian that bootwire has booted, beside a second disk that Debian's open-iscsi (its iscsid) has
logged in to in the same guest: one target server has both, is killed in the middle of writes, and is back after a
while; or the cable is what is taken out. Both wait for as long as it takes; open-iscsi's replacement_timeout is raised
for that. The clock is the host's.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.second_disk import Guest, place
from lab.console import Console
from lab.servers import Rack

ROOT = Path(__file__).resolve().parents[1]
FULL = {1: 10, 60: 5, 900: 1}  # seconds away: how often
QUICK = {1: 5, 60: 1}
PEERS = ("bootwire", "open-iscsi")
RETURN_SECONDS = 180

# What bootwire promises, in milliseconds.
LONGEST, LONGEST_MEDIAN = 5000, 2000

# Writes a numbered block every 50 ms past the page cache, into a ring of 64, and says on the console when one had to
# wait. What it reads back must be what it wrote, and no write may fail.
WRITER = """
import mmap, os, sys, time
name, path = sys.argv[1:]
file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT | os.O_SYNC, 0o600)
block, back, number = mmap.mmap(-1, 4096), mmap.mmap(-1, 4096), 0
def say(what):
    os.write(1, f"\\n{name} {what}\\n".encode())
try:
    while True:
        number += 1
        block[:8] = number.to_bytes(8, "big")
        began = time.monotonic()
        os.pwrite(file, block, number % 64 * 4096)
        if time.monotonic() - began > 0.7:
            say("goes on")
        os.preadv(file, [back], number % 64 * 4096)
        if back[:] != block[:]:
            sys.exit(say("has lost a write"))
        time.sleep(0.05)
except OSError as error:
    say(f"has failed: {error.strerror}")
"""


@dataclass
class Result:
    """One outage. Milliseconds; nothing if it did not come back, which `trouble` may tell the reason of."""

    away_s: int
    resumed_ms: dict[str, int | None]
    trouble: dict[str, str]


class Watch:
    """When each peer's writer said that it goes on, or that it can't."""

    def __init__(self, console: Console) -> None:
        self._text = ""
        self._seen: dict[str, float] = {}
        self.trouble: dict[str, str] = {}
        self._more = threading.Condition()
        console.watchers.append(self._read)

    def _read(self, chunk: bytes) -> None:
        now = time.monotonic()
        with self._more:
            self._text += chunk.decode(errors="replace")
            for name in re.findall(r"^(\S+) goes on\r?\n", self._text, re.MULTILINE):
                self._seen.setdefault(name, now)
            self.trouble.update(re.findall(r"^(\S+) (has (?:failed|lost)[^\r\n]*)\r?\n", self._text, re.MULTILINE))
            self._text = self._text[self._text.rfind("\n") + 1 :]
            self._more.notify_all()

    def clear(self) -> None:
        with self._more:
            self._seen.clear()

    def wait(self, since: float) -> dict[str, int | None]:
        with self._more:
            self._more.wait_for(lambda: len(self._seen.keys() | self.trouble.keys()) == len(PEERS), RETURN_SECONDS)
            return {name: round(1000 * (self._seen[name] - since)) if name in self._seen else None for name in PEERS}


def target_away(rack: Rack, seconds: int) -> float:
    """Gives the moment when it is back."""
    rack.tgt.kill()
    time.sleep(seconds)
    rack.tgt.start()
    return rack.tgt.listens_since


def cable_out(rack: Rack, seconds: int) -> float:
    """The same for the cable."""
    machine = rack.pis[0].machine
    machine.link(False)
    time.sleep(seconds)
    machine.link(True)
    return time.monotonic()


def one_outage(rack: Rack, watch: Watch, take_away: Callable[[Rack, int], float], seconds: int) -> Result:
    watch.clear()
    resumed = watch.wait(take_away(rack, seconds))
    result = Result(seconds, resumed, dict(watch.trouble))
    time.sleep(5)
    return result


def measure(out: Path, take_away: Callable[[Rack, int], float], outages: dict[int, int]) -> list[Result]:
    rack = Rack(out, place(out, "outage"), "virt")
    try:
        guest = Guest(rack, 64)
        watch = Watch(guest.pi.console)
        program = base64.b64encode(WRITER.encode()).decode()  # a command is one line
        guest.pi.check(f"echo {program} | base64 -d >/run/writer.py")
        for name, path in zip(PEERS, ("/root/written", f"/dev/{guest.second}")):
            guest.pi.check(f"python3 /run/writer.py {name} {path} & sleep 1")
        results = []
        for away in [away for away, times in outages.items() for _ in range(times)]:
            results.append(one_outage(rack, watch, take_away, away))
            last = results[-1]
            print(f"bench: away for {away} s: {last.resumed_ms} {last.trouble or ''}", file=sys.stderr, flush=True)
        return results
    finally:
        rack.close()


def report(results: list[Result], back: str) -> str:
    heads = f"{'away':>8}  {'initiator':<12} {'outages':>7} {'min':>8} {'median':>8} {'max':>8}"
    lines = [f"milliseconds from the moment when {back} again to the first write that is done", "",
             f"{heads}   bootwire / open-iscsi"]
    for away in sorted({result.away_s for result in results}):
        medians = {}
        for peer in PEERS:
            taken = [result.resumed_ms[peer] for result in results if result.away_s == away]
            returns = [ms for ms in taken if ms is not None]
            begin = f"{away:>6} s  {peer:<12} {len(taken):>7}"
            if not returns:
                trouble = next((r.trouble[peer] for r in results if r.away_s == away and peer in r.trouble), None)
                lines.append(f"{begin} {trouble or f'not back within {RETURN_SECONDS} s'}")
                continue
            medians[peer] = statistics.median(returns)
            ratio = f"{medians['bootwire'] / medians[peer]:.3f}" if peer != "bootwire" and "bootwire" in medians else ""
            lost = f"   {len(taken) - len(returns)} not back" if len(returns) < len(taken) else ""
            lines.append(f"{begin} {min(returns):>8} {medians[peer]:>8.0f} {max(returns):>8}   {ratio}{lost}")
    return "\n".join(lines)


def as_promised(results: list[Result]) -> bool:
    """bootwire's writer always went on and lost nothing, soon enough."""
    times = [ms for result in results if (ms := result.resumed_ms["bootwire"]) is not None]
    if len(times) < len(results) or any("bootwire" in result.trouble for result in results):
        return False
    return max(times) <= LONGEST and statistics.median(times) <= LONGEST_MEDIAN


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench outage", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="five outages of a second and one of a minute; all: 35 minutes")
    parser.add_argument("--away", type=int, metavar="SECONDS", action="append",
                        help="one outage of that length instead; several")
    parser.add_argument("--cable", action="store_true", help="the cable is out, instead of the target away")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    out = options.out.resolve()
    outages = dict(Counter(options.away)) if options.away else QUICK if options.quick else FULL
    results = measure(out, cable_out if options.cable else target_away, outages)
    text = report(results, "the cable is in" if options.cable else "the target listens")
    (out / "bench" / "outage.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    (out / "bench" / "outage.txt").write_text(text + "\n")
    print(text)
    if not as_promised(results):
        limits = f"{LONGEST} ms, {LONGEST_MEDIAN} in the median"
        print(f"bench: bootwire's disk is to go on within {limits}", file=sys.stderr)
        return 1
    return 0
