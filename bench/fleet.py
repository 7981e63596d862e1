"""./bootwire bench fleet: how many Pis one server boots at once, and what limits it.

One dnsmasq (DHCP and TFTP, one root for all), one target server. Every Pi has a disk of its own, which
DHCP names by its MAC address (options 17 and 224). One Pi boots alone, then all of them are switched on
at the same moment. What the Pis themselves need is this machine's emulation; what the servers need, and
what goes over the network, is what a thousand real ones would need of a real server.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import disks
from lab.dnsmasq import root_path
from lab.machine import Options
from lab.pi import VirtualPi
from lab.processes import Process
from lab.servers import Rack

ROOT = Path(__file__).resolve().parents[1]

TARGET = "iqn.2026-11.test.lab:fleet-{:04d}"
DISK_UP = r"tiny: up"
BOOT_SECONDS = 1200
GIGABIT = 117_000_000  # bytes a second, as TCP gets them
THOUSAND = 1000


@dataclass
class PiResult:
    """One Pi; milliseconds since it was switched on."""

    fetched_ms: int  # DHCP, and kernel and trees by TFTP
    up_ms: int  # the disk's own init
    tftp_bytes: int
    network_bytes: int  # in both directions, TFTP left out: the firmware has a port of its own


@dataclass
class Run:
    pis: list[PiResult]
    dnsmasq_s: float  # CPU time
    tgt_s: float
    machine_s: float  # of all CPUs of this machine, everything

    def median(self, field: str) -> float:
        return statistics.median(getattr(result, field) for result in self.pis)

    def slowest(self, field: str) -> float:
        return float(max(getattr(result, field) for result in self.pis))


def cpu_seconds(process: Process | None) -> float:
    """utime and stime of proc(5), of a server that forks nothing that lives on."""
    if process is None:
        return 0
    fields = Path(f"/proc/{process.popen.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float:
    """Of all CPUs since the machine's start: all of /proc/stat's first line but idle and iowait."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def carried(pi: VirtualPi) -> int:
    folder = Path("/sys/class/net") / pi.tap.name / "statistics"
    return sum(int((folder / name).read_text()) for name in ("rx_bytes", "tx_bytes"))


def boot(pi: VirtualPi, switched_on: float) -> PiResult:
    fetched = pi.fetch()
    fetched_ms = round((time.monotonic() - switched_on) * 1000)
    pi.start()
    pi.console.expect(DISK_UP, BOOT_SECONDS)
    up_ms = round((time.monotonic() - switched_on) * 1000)
    return PiResult(fetched_ms, up_ms, fetched.bytes_fetched, carried(pi))


def boot_all(rack: Rack, pis: list[VirtualPi]) -> Run:
    assert rack.dhcp
    before = cpu_seconds(rack.dhcp.process), cpu_seconds(rack.tgt.process), busy_seconds()
    switched_on = time.monotonic()
    with ThreadPoolExecutor(len(pis)) as pool:
        results = list(pool.map(lambda pi: boot(pi, switched_on), pis))
    after = cpu_seconds(rack.dhcp.process), cpu_seconds(rack.tgt.process), busy_seconds()
    for pi in pis:
        pi.power_off()
    return Run(results, *(round(end - begin, 2) for begin, end in zip(before, after)))


def own_disks(pis: list[VirtualPi]) -> list[str]:
    """dnsmasq's words for "this Pi, that disk"."""
    lines = []
    for number, pi in enumerate(pis):
        lines += [f"dhcp-host={pi.mac},set:pi{number}",
                  f"dhcp-option-force=tag:pi{number},17,{root_path(TARGET.format(number))}",
                  f"dhcp-option-force=tag:pi{number},224,pivot"]
    return lines


def fleet(out: Path, count: int) -> dict[str, Run]:
    directory = out / "bench" / "fleet"
    shutil.rmtree(directory, ignore_errors=True)
    rack = Rack(out, directory)
    rack.cpus = 1
    try:
        image = disks.path("tiny")
        for number in range(count):
            rack.target(image, TARGET.format(number))
        pis = [rack.pi(options=Options(cpus=1, memory=512)) for _ in range(count)]
        rack.serve(root_path=None, extra=own_disks(pis))
        runs = {"alone": boot_all(rack, pis[:1])}
        print(f"bench: one alone: {runs['alone'].median('up_ms'):,.0f} ms", file=sys.stderr, flush=True)
        runs["all"] = boot_all(rack, pis)
        return runs
    finally:
        rack.close()


def report(runs: dict[str, Run], cpus: int) -> str:
    alone, together = runs["alone"], runs["all"]
    count = len(together.pis)
    lines = [f"{count} Pis (virt) at once, one server, {cpus} CPUs for all of it", "",
             f"{'':<44} {'alone':>12} {'median':>12} {'slowest':>12}"]
    for field, name in (("fetched_ms", "DHCP, and kernel by TFTP, ms"), ("up_ms", "the disk's init, ms"),
                        ("tftp_bytes", "TFTP, bytes"), ("network_bytes", "DHCP and iSCSI, bytes")):
        lines.append(f"{name:<44} {alone.median(field):>12,.0f} {together.median(field):>12,.0f} "
                     f"{together.slowest(field):>12,.0f}")
    servers = together.dnsmasq_s + together.tgt_s
    lines += ["", f"CPU time for all {count}: dnsmasq {together.dnsmasq_s:.2f} s, tgt {together.tgt_s:.2f} s, "
              f"this machine {together.machine_s:.0f} s"]
    if together.machine_s > 0:
        lines.append(f"the servers' part of it is {100 * servers / together.machine_s:.1f} %: the emulated Pis are "
                     "the limit here, not the server")
    each = together.median("tftp_bytes") + together.median("network_bytes")
    lines += ["", f"{THOUSAND} Pis at once, by these figures:",
              f"  {each * THOUSAND / 1e9:,.1f} GB, at least {each * THOUSAND / GIGABIT:,.0f} s over one gigabit port",
              f"  {servers * THOUSAND / count:,.0f} s of one server CPU "
              f"(dnsmasq {together.dnsmasq_s * THOUSAND / count:,.0f} s, which is one process)"]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench fleet", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pis", type=int, default=12, help="that boot at once (default: 12)")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    if not 2 <= options.pis <= 90:  # the lab's DHCP range
        parser.error("from 2 to 90 Pis")
    out = options.out.resolve()
    runs = fleet(out, options.pis)
    text = report(runs, len(os.sched_getaffinity(0)))
    (out / "bench" / "fleet.json").write_text(json.dumps({name: asdict(run) for name, run in runs.items()}, indent=1))
    (out / "bench" / "fleet.txt").write_text(text + "\n")
    print(text)
    return 0
