"""./bootwire bench usb: reads and writes of a disk at the USB port, beside the same LUN as the Pi itself sees it.

The computer at the port is in the same guest (dummy_hcd is the cable, as fast as memory): what is measured is
what the way over USB adds. Past the page cache on the computer's side; the two take turns.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.second_disk import place
from lab import disks
from lab.dnsmasq import root_path
from lab.pi import VirtualPi
from lab.servers import TARGET, Rack
from lab.tgt import Disk, Target

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES = 64  # moved in each run
PATIENCE = 300  # seconds: the machine that measures may be busy
JOBS = {
    "sequential read": "if={} of=/dev/null iflag=direct",
    "sequential write": "if=/dev/zero of={} oflag=direct conv=fsync",
}


@dataclass
class Result:
    """One run of dd."""

    peer: str
    job: str
    kilobytes_per_s: float


def boot(rack: Rack) -> tuple[VirtualPi, dict[str, str]]:
    """A Pi with two LUNs at its port: the first has the computer's shell. And the second one's two names."""
    scratch = rack.directory / "scratch.img"
    with scratch.open("wb") as file:
        file.truncate((MEGABYTES + 8) << 20)
    rack.tgt.add(Target(TARGET, [Disk(rack.copy(disks.path("debian-arm64")), 1), Disk(scratch, 2)]))
    rack.tgt.start()
    rack.serve(root_path=root_path(TARGET, lun=""))
    # The console is the computer's, whose shell listens there.
    lab = rack.before_init(modules=["dummy_hcd"], programs=["usb-host"])
    pi = rack.boot("iscsi.mode=usb", "bootwire.console=off", lab)
    pi.console.expect(r"usb-host: using", PATIENCE)
    pi.login(PATIENCE)
    size = str(scratch.stat().st_size // 512)
    names = pi.check(f"grep -lx {size} /sys/block/sd?/size")
    peers = {}
    for name in re.findall(r"/(sd\w)/", names):
        vendor = pi.check(f"cat /sys/block/{name}/device/vendor").strip()
        peers["USB" if vendor == "bootwire" else "iSCSI"] = f"/dev/{name}"
    return pi, peers


def one_run(pi: VirtualPi, peer: str, device: str, job: str) -> Result:
    pi.check("echo 3 >/proc/sys/vm/drop_caches")  # what the Pi's side of USB has cached
    said = pi.check(f"LC_ALL=C dd {JOBS[job].format(device)} bs=1M count={MEGABYTES} 2>&1 | tail -n 1", PATIENCE)
    seconds = float(re.findall(r"copied, ([\d.e+-]+) s", said)[0])
    return Result(peer, job, MEGABYTES * 1024 / seconds)


def measure(out: Path, runs: int) -> list[Result]:
    rack = Rack(out, place(out, "usb"), "virt")
    try:
        pi, peers = boot(rack)
        results = []
        for job, peer in [(job, peer) for job in JOBS for _ in range(runs) for peer in sorted(peers)]:
            results.append(one_run(pi, peer, peers[peer], job))
            print(f"bench: {job}, {peer}: {results[-1].kilobytes_per_s:.0f} KB/s", file=sys.stderr, flush=True)
        return results
    finally:
        rack.close()


def report(results: list[Result]) -> str:
    lines = [f"{'medians':<20} {'USB':>12} {'iSCSI':>12} {'ratio':>7}"]
    for job in JOBS:
        speed = {peer: statistics.median(r.kilobytes_per_s for r in results if (r.peer, r.job) == (peer, job))
                 for peer in ("USB", "iSCSI")}
        cells = [f"{speed[peer] / 1024:.1f} MB/s" for peer in ("USB", "iSCSI")]
        lines.append(f"{job:<20} {cells[0]:>12} {cells[1]:>12} {speed['USB'] / speed['iSCSI']:>7.3f}")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench usb", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="of each job on each disk (default: 9)")
    parser.add_argument("--quick", action="store_true", help="three runs")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    out = options.out.resolve()
    results = measure(out, 3 if options.quick else options.runs)
    text = report(results)
    (out / "bench" / "usb.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    (out / "bench" / "usb.txt").write_text(text + "\n")
    print(text)
    return 0
