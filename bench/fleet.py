"""./bootwire bench fleet: how many Pis one server boots at once, and what limits it.

One dnsmasq (DHCP and TFTP, one root for all), one target server. Every Pi has a disk of its own, which
DHCP names by its MAC address (options 17 and 224). One Pi boots alone, then all of them are switched on
at the same moment. What the Pis themselves need is this machine's emulation; what the servers need, and
what goes over the network, is what a thousand real ones would need of a real server. At last the firmware of
many more asks at once, without the Pis (bench/fetchers.py), of dnsmasq as it comes and with room for all.
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
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import fetchers
from lab import disks
from lab.dnsmasq import root_path
from lab.machine import Options
from lab.pi import VirtualPi
from lab.processes import Process, run
from lab.servers import Rack

ROOT = Path(__file__).resolve().parents[1]

TARGET = "iqn.2026-11.test.lab:fleet-{:04d}"
DISK_UP = r"tiny: up"
BOOT_SECONDS = 1200
GIGABIT = 117_000_000  # bytes a second, as TCP gets them
THOUSAND = 1000
ROOM = 500  # transfers at once, in place of the 50 that dnsmasq allows unasked


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
    wall_s: float

    def median(self, name: str) -> float:
        return statistics.median(getattr(result, name) for result in self.pis)

    def slowest(self, name: str) -> float:
        return float(max(getattr(result, name) for result in self.pis))


@dataclass
class Crowd:
    """Firmware alone."""

    tftp_max: int  # 0: as dnsmasq has it
    fetched: fetchers.Fetched
    dnsmasq_s: float


@dataclass
class Fleet:
    alone: Run
    together: Run
    crowds: list[Crowd] = field(default_factory=list)


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
    """/sys shows the interfaces of the namespace in which it was mounted, not those of the lab."""
    counters = json.loads(run("ip", "-j", "-s", "link", "show", "dev", pi.tap.name))[0]["stats64"]
    return sum(int(counters[way]["bytes"]) for way in ("rx", "tx"))


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
    wall = round(time.monotonic() - switched_on, 1)
    after = cpu_seconds(rack.dhcp.process), cpu_seconds(rack.tgt.process), busy_seconds()
    for pi in pis:
        pi.power_off()
    dnsmasq, tgt, machine = (round(end - begin, 2) for begin, end in zip(before, after))
    return Run(results, dnsmasq, tgt, machine, wall)


def crowd(rack: Rack, count: int, tftp_max: int) -> Crowd:
    """A dnsmasq of its own, so that its CPU time begins at nothing."""
    dnsmasq = rack.serve(root_path=None, extra=[f"tftp-max={tftp_max}"] if tftp_max else [])
    fetched = fetchers.fetch(count, rack.directory / f"crowd-{tftp_max}")
    return Crowd(tftp_max, fetched, round(cpu_seconds(dnsmasq.process), 2))


def own_disks(pis: list[VirtualPi]) -> list[str]:
    """dnsmasq's words for "this Pi, that disk"."""
    lines = []
    for number, pi in enumerate(pis):
        lines += [f"dhcp-host={pi.mac},set:pi{number}",
                  f"dhcp-option-force=tag:pi{number},17,{root_path(TARGET.format(number))}",
                  f"dhcp-option-force=tag:pi{number},224,pivot"]
    return lines


def fleet(out: Path, count: int, many: int) -> Fleet:
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
        alone = boot_all(rack, pis[:1])
        print(f"bench: one alone: {alone.median('up_ms'):,.0f} ms", file=sys.stderr, flush=True)
        result = Fleet(alone, boot_all(rack, pis))
        for tftp_max in (0, ROOM) if many else ():
            print(f"bench: the firmware of {many} at once, tftp-max={tftp_max or 'as it comes'}", file=sys.stderr,
                  flush=True)
            result.crowds.append(crowd(rack, many, tftp_max))
        return result
    finally:
        rack.close()
        for folder in directory.glob("crowd-*"):
            shutil.rmtree(folder)


def _limit(boots: Run, cpus: int) -> list[str]:
    """What kept them from being faster, as far as CPU time tells."""
    servers = boots.dnsmasq_s + boots.tgt_s
    busy = 100 * boots.machine_s / (boots.wall_s * cpus) if boots.wall_s else 0
    share = 100 * servers / boots.machine_s if boots.machine_s else 0
    return [f"CPU time for all {len(boots.pis)}: dnsmasq {boots.dnsmasq_s:.2f} s, tgt {boots.tgt_s:.2f} s, everything "
            f"{boots.machine_s:.0f} s",
            f"in {boots.wall_s:.0f} s this machine's CPUs were busy to {busy:.0f} %, the servers' part of that is "
            f"{share:.1f} %"]


def _crowd(each: Crowd) -> str:
    of = each.fetched
    allowed = f"tftp-max={each.tftp_max}" if each.tftp_max else "dnsmasq as it comes (tftp-max=50)"
    return (f"firmware alone, {of.asked} at once, {allowed}: {of.got_all} got all, the slowest after "
            f"{of.slowest_ms / 1000:.1f} s; dnsmasq {each.dnsmasq_s:.2f} s of CPU time")


def _thousand(together: Run, crowds: list[Crowd]) -> list[str]:
    count = len(together.pis)
    each = together.median("tftp_bytes") + together.median("network_bytes")
    # Of dnsmasq the larger of both figures: a busy one may cost more, or less.
    whole = [crowd for crowd in crowds if crowd.fetched.got_all == crowd.fetched.asked]
    dnsmasq = max([together.dnsmasq_s / count, *(crowd.dnsmasq_s / crowd.fetched.asked for crowd in whole)])
    tgt = together.tgt_s / count
    return [f"{THOUSAND} Pis at once, by these figures:",
            f"  {each * THOUSAND / 1e9:,.1f} GB, at least {each * THOUSAND / GIGABIT:,.0f} s over one gigabit port",
            f"  {dnsmasq * THOUSAND:,.0f} s of one CPU for dnsmasq, which is one process",
            f"  {tgt * THOUSAND:,.0f} s of CPU time for the target"]


def report(result: Fleet, cpus: int) -> str:
    alone, together = result.alone, result.together
    lines = [f"{len(together.pis)} Pis (virt) at once, one server, {cpus} CPUs for all of it", "",
             f"{'':<44} {'alone':>12} {'median':>12} {'slowest':>12}"]
    for name, what in (("fetched_ms", "DHCP, and kernel by TFTP, ms"), ("up_ms", "the disk's init, ms"),
                       ("tftp_bytes", "TFTP, bytes"), ("network_bytes", "DHCP and iSCSI, bytes")):
        lines.append(f"{what:<44} {alone.median(name):>12,.0f} {together.median(name):>12,.0f} "
                     f"{together.slowest(name):>12,.0f}")
    lines += ["", *_limit(together, cpus), "", *(_crowd(each) for each in result.crowds)]
    return "\n".join([*lines, "", *_thousand(together, result.crowds)])


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench fleet", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pis", type=int, default=12, help="that boot at once (default: 12)")
    parser.add_argument("--firmware", type=int, default=80, metavar="N",
                        help="of which the firmware alone asks at once (default: 80; 0: none)")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    if options.pis < 2 or options.firmware < 0 or options.pis + options.firmware > 95:  # the lab's DHCP range
        parser.error("from 2 Pis on, and no more than 95 with those of which there is the firmware alone")
    out = options.out.resolve()
    result = fleet(out, options.pis, options.firmware)
    text = report(result, len(os.sched_getaffinity(0)))
    (out / "bench" / "fleet.json").write_text(json.dumps(asdict(result), indent=1))
    (out / "bench" / "fleet.txt").write_text(text + "\n")
    print(text)
    return 0
