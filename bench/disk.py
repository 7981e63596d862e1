"""./bootwire bench disk: reads and writes of bootwire's root disk, beside a second disk logged in by open-iscsi.

Same guest, kernel, target server and kind of disk; a file on ext4 on both, past the page cache. The peers take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.second_disk import Guest, place
from lab.pi import VirtualPi
from lab.servers import Rack

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES = 96  # of the file
PLACES = {"bootwire": "/root", "open-iscsi": "/mnt"}
JOBS = {
    "sequential read": "--rw=read --bs=256k --iodepth=8",
    "sequential write": "--rw=write --bs=256k --iodepth=8",
    "random read": "--rw=randread --bs=4k --iodepth=16",
    "random write": "--rw=randwrite --bs=4k --iodepth=16",
    "random read, one at a time": "--rw=randread --bs=4k --iodepth=1",
}
PICK = ("import json,sys; j=json.load(sys.stdin)[\"jobs\"][0]; "
        "print(*[j[k][f] for k in (\"read\",\"write\") for f in (\"bw\",\"iops\")])")


@dataclass
class Result:
    """One run of fio."""

    peer: str
    job: str
    kilobytes_per_s: float
    operations_per_s: float


def one_run(pi: VirtualPi, peer: str, job: str, seconds: int) -> Result:
    words = (f"fio --name=bench --filename={PLACES[peer]}/bench.dat --size={MEGABYTES}m --direct=1 --ioengine=libaio "
             f"{JOBS[job]} --time_based --runtime={seconds} --output-format=json")
    read_bw, read_iops, write_bw, write_iops = map(float, pi.check(f"{words} | python3 -c '{PICK}'", 300).split())
    return Result(peer, job, read_bw + write_bw, read_iops + write_iops)


def settings(guest: Guest) -> str:
    """What the two disks differ in, if they do."""
    names = ("queue/scheduler", "queue/read_ahead_kb", "queue/max_sectors_kb", "queue/nr_requests",
             "device/queue_depth")
    lines = [f"{name:<24} {guest.pi.check(f'cat /sys/block/{guest.root}/{name}'):<24} "
             f"{guest.pi.check(f'cat /sys/block/{guest.second}/{name}')}" for name in names]
    for name in ("max_burst_len", "first_burst_len", "initial_r2t", "immediate_data"):
        values = [guest.pi.check(f"cat /sys/class/iscsi_session/session{n}/{name}") for n in (1, 2)]
        lines.append(f"{name:<24} {values[0]:<24} {values[1]}")
    nice = [guest.pi.check(f"cat /sys/devices/virtual/workqueue/iscsi_q_{n}/nice") for n in (0, 1)]
    lines.append(f"{'iscsi_q/nice':<24} {nice[0]:<24} {nice[1]}")
    return "\n".join([f"{'':<24} {'bootwire':<24} open-iscsi", *lines])


def measure(out: Path, runs: int, seconds: int) -> tuple[list[Result], str]:
    rack = Rack(out, place(out, "disk"), "virt")
    try:
        guest = Guest(rack, 256)
        device = f"/dev/{guest.second}"
        guest.pi.check(f"mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 {device}")
        guest.pi.check(f"mount {device} /mnt")
        for path in PLACES.values():
            file = f"{path}/bench.dat"
            guest.pi.check(f"dd if=/dev/urandom of={file} bs=1M count={MEGABYTES} conv=fsync 2>/dev/null", 600)
        results = []
        for job, number, peer in [(j, n, p) for j in JOBS for n in range(runs) for p in PLACES]:
            results.append(one_run(guest.pi, peer, job, seconds))
            print(f"bench: {job}, {peer}: {results[-1].kilobytes_per_s:.0f} KB/s", file=sys.stderr, flush=True)
        return results, settings(guest)
    finally:
        rack.close()


def report(results: list[Result], differences: str) -> str:
    lines = [f"{'medians':<28} {'bootwire':>20} {'open-iscsi':>20} {'ratio':>7}"]
    for job in JOBS:
        runs = {peer: [r for r in results if (r.peer, r.job) == (peer, job)] for peer in PLACES}
        speed = {peer: statistics.median(r.kilobytes_per_s for r in runs[peer]) for peer in PLACES}
        often = {peer: statistics.median(r.operations_per_s for r in runs[peer]) for peer in PLACES}
        cells = [f"{speed[peer] / 1024:.1f} MB/s {often[peer]:>7.0f}/s" for peer in PLACES]
        lines.append(f"{job:<28} {cells[0]:>20} {cells[1]:>20} {speed['bootwire'] / speed['open-iscsi']:>7.3f}")
    return "\n".join([*lines, "", differences])


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench disk", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each job on each disk (default: 5)")
    parser.add_argument("--seconds", type=int, default=10, help="for each run (default: 10)")
    parser.add_argument("--quick", action="store_true", help="three runs of 4 seconds")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    out = options.out.resolve()
    runs, seconds = (3, 4) if options.quick else (options.runs, options.seconds)
    results, differences = measure(out, runs, seconds)
    text = report(results, differences)
    (out / "bench" / "disk.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    (out / "bench" / "disk.txt").write_text(text + "\n")
    print(text)
    return 0
