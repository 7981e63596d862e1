"""./bootwire bench boot: from the kernel's start to the disk's init, bootwire beside Debian's own way.

The same disk, board, servers and firmware for both. Debian's way is its kernel, initramfs-tools
and open-iscsi. The clock is the kernel log's in both, up to systemd's first line from the disk.
(CLOCK_MONOTONIC, by which init and systemd count, runs on ticks in its first second: under
emulation on a busy machine it loses some of them. JSON has systemd's count too.)
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab import disks
from lab.network import SERVER
from lab.pi import VirtualPi
from lab.servers import TARGET, Rack

ROOT = Path(__file__).resolve().parents[1]

INITIATOR = "iqn.2026-11.test.lab:bench"
BOOT_SECONDS = 900
DISK_INIT = r"systemd\[1\]: systemd \S+ running in system mode"
DMESG_STAGES = {
    "kernel up, initramfs's init": r"Run /init as init process",
    "network interface up": r"(?:link becomes ready|adding VLAN 0 to HW filter)",
    "iSCSI host": r"scsi host\d+: iSCSI Initiator",
    "disk attached": r"\[sd[a-z]\] Attached SCSI disk",
    "root mounted": r"EXT4-fs \(sd[a-z]\d*\): mounted",
}


@dataclass
class Result:
    """One boot. Milliseconds since the kernel's start."""

    peer: str
    ping_check: bool
    init_ms: int
    monotonic_ms: int  # of the same moment, or a little before, by systemd's own account
    stages: dict[str, int]
    tftp_bytes: int
    tftp_packets: int
    lines: list[tuple[int, str]] = field(default_factory=list)  # bootwire's own


def serve_debian(rack: Rack, kernel: Path, initramfs: Path, partuuid: str) -> None:
    """A TFTP root with Debian's own files in place of ours."""
    for name in ("Image.gz", "config.txt", "cmdline.txt"):
        (rack.root / name).unlink()
    shutil.copyfile(kernel, rack.root / "vmlinuz")
    shutil.copyfile(initramfs, rack.root / "initrd.img")
    (rack.root / "config.txt").write_text("arm_64bit=1\nkernel=vmlinuz\nupstream_kernel=1\nramfsfile=initrd.img\n")
    words = [f"console={rack.board.console}", "quiet", f"root=PARTUUID={partuuid}", "ip=dhcp",
             f"ISCSI_INITIATOR={INITIATOR}", f"ISCSI_TARGET_NAME={TARGET}",
             f"ISCSI_TARGET_IP={SERVER}", "ISCSI_TARGET_PORT=3260"]
    (rack.root / "cmdline.txt").write_text(" ".join(words) + "\n")


def logged_at(dmesg: str, pattern: str) -> int | None:
    """When the kernel's log has the first such line; milliseconds."""
    match = re.search(rf"^\[\s*(\d+)\.(\d{{3}})\d*\] [^\n]*(?:{pattern})", dmesg, re.MULTILINE)
    return int(match[1]) * 1000 + int(match[2]) if match else None


def kernel_stages(dmesg: str) -> dict[str, int]:
    found = {name: logged_at(dmesg, pattern) for name, pattern in DMESG_STAGES.items()}
    return {name: ms for name, ms in found.items() if ms is not None}


def measure(pi: VirtualPi, peer: str, ping_check: bool) -> Result:
    """Log in and ask the booted system."""
    assert pi.boot
    pi.login(BOOT_SECONDS)
    lines = [(stage.ms, stage.text) for stage in pi.stages()]  # dmesg repeats them
    started = int(pi.check("systemctl show --property=UserspaceTimestampMonotonic --value")) // 1000
    dmesg = pi.check("dmesg")
    return Result(
        peer, ping_check, logged_at(dmesg, DISK_INIT) or started, started, kernel_stages(dmesg),
        pi.boot.bytes_fetched, sum(request.packets for request in pi.boot.requests), lines,
    )


def one_boot(peer: str, ping_check: bool, out: Path, board: str, number: int) -> Result:
    image, kernel, initramfs = disks.peer()
    directory = out / "bench" / f"{peer}-{'ping' if ping_check else 'no-ping'}-{number}"
    shutil.rmtree(directory, ignore_errors=True)
    rack = Rack(out, directory, board)
    try:
        rack.target(image)
        dhcp = rack.serve(ping_check=ping_check)
        pi = rack.pi()
        if peer == "debian":
            serve_debian(rack, kernel, initramfs, disks.DISKS["debian-peer"].partuuid)
        pi.fetch()
        dhcp.restart(forget_leases=True)  # both meet a fresh lease
        pi.start()
        return measure(pi, peer, ping_check)
    finally:
        rack.close()


def median(results: list[Result], peer: str, ping_check: bool) -> int | None:
    values = [result.init_ms for result in results if (result.peer, result.ping_check) == (peer, ping_check)]
    return round(statistics.median(values)) if values else None


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.3f}" if ours and theirs else "-"


def _row(name: str, ours: float | None, theirs: float | None, unit: str) -> str:
    show = lambda value: f"{value:,.0f}" if value is not None else "-"  # noqa: E731
    return f"{name:<36} {show(ours):>14} {show(theirs):>14} {unit:<6} {_ratio(ours, theirs):>7}"


def _stage_rows(results: list[Result]) -> list[str]:
    def middle(peer: str, stage: str) -> float | None:
        values = [r.stages[stage] for r in results if r.peer == peer and not r.ping_check and stage in r.stages]
        return statistics.median(values) if values else None

    return [_row(f"  {stage}", middle("bootwire", stage), middle("debian", stage), "ms") for stage in DMESG_STAGES]


def report(results: list[Result], board: str) -> str:
    first = {result.peer: result for result in reversed(results)}
    ours = first.get("bootwire")
    lines = [f"virtual {board}, from the kernel's start; medians", ""]
    lines.append(f"{'':<36} {'bootwire':>14} {'Debian':>14} {'':<6} {'ratio':>7}")
    lines += _stage_rows(results)
    for ping_check, name in ((False, "disk's init"), (True, "disk's init, with ping check")):
        lines.append(_row(name, median(results, "bootwire", ping_check), median(results, "debian", ping_check), "ms"))
    for unit in ("bytes", "packets"):
        fetched = {result.peer: getattr(result, f"tftp_{unit}") for result in first.values()}
        lines.append(_row("TFTP", fetched.get("bootwire"), fetched.get("debian"), unit))
    if ours and ours.lines:
        lines += ["", "bootwire by its own account:"]
        lines += [f"{ms:8} ms  {text[:110]}" for ms, text in ours.lines]
    return "\n".join(lines)


def _plan(options: argparse.Namespace) -> list[tuple[str, bool, int]]:
    """The peers take turns, so that a busy spell of the machine hits both."""
    turns = [(peer, False, number) for number in range(options.runs) for peer in options.peers]
    return turns + [(peer, True, 0) for peer in options.peers if not options.no_ping_only]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bootwire bench boot", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="virt", choices=["virt", "raspi3b"])
    parser.add_argument("--runs", type=int, default=3,
                        help="boots of each peer with no-ping (default: 3); one more with the ping check")
    parser.add_argument("--no-ping-only", action="store_true", help="leave out dnsmasq's ping check")
    parser.add_argument("--peers", nargs="+", default=["bootwire", "debian"], choices=["bootwire", "debian"])
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    options = parser.parse_args(words)
    out = options.out.resolve()
    results = []
    for peer, ping_check, number in _plan(options):
        print(f"bench: {peer}, {'with' if ping_check else 'without'} ping check …", file=sys.stderr, flush=True)
        results.append(one_boot(peer, ping_check, out, options.board, number))
        print(f"bench: {results[-1].init_ms} ms", file=sys.stderr, flush=True)
    text = report(results, options.board)
    (out / "bench").mkdir(parents=True, exist_ok=True)
    (out / "bench" / "boot.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    (out / "bench" / "boot.txt").write_text(text + "\n")
    print(text)
    return 0
