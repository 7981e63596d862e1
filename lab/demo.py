"""./bootwire demo: a disk image, booted by a virtual Pi over iSCSI, with the console in your hands."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from lab.boards import BOARDS
from lab.errors import LabError
from lab.machine import Options
from lab.network import SERVER
from lab.pi import VirtualPi
from lab.screen import Pictures, screen, window
from lab.servers import TARGET, Rack, copy_disk
from lab.shell import PROMPT
from lab.terminal import join
from lab.tftp_root import KERNEL
from lab.tgt import Disk, Target
from lab.timeline import table

ARRIVED = rf"login: $|{PROMPT}"
SCREEN = (1280, 720)


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./bootwire demo",
        description="Boots a disk image on a virtual Raspberry Pi: DHCP, TFTP and iSCSI are real servers in a "
        "network namespace of their own. Log in as root without a password; Ctrl-] leaves.",
    )
    parser.add_argument("--board", choices=sorted(BOARDS),
                        help="default: raspi3b; virt with --mode kexec, --mode usb and --screen")
    parser.add_argument("--mode", choices=["pivot", "kexec", "usb"], default="pivot",
                        help="what happens with the disk; usb: the console is that of the computer at the USB port")
    parser.add_argument("--screen", action="store_true",
                        help="the board's screen in a window, where there is a display, and as PNGs in out/demo/")
    parser.add_argument("--disk", type=Path, metavar="IMAGE", help="raw disk image; it is never written to")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR",
                        help="what ./bootwire build made (default: out)")
    parser.add_argument("--keep", action="store_true",
                        help="keep the copy the Pi writes to, and go on with it next time")
    parser.add_argument("--fresh", action="store_true", help="start the kept copy anew from the image")
    parser.add_argument("--append", default="", metavar="WORDS", help="further words for the kernel's command line")
    parser.add_argument("--no-console", action="store_true", help="end at the login prompt")
    parser.add_argument("--check", action="store_true", help="only say whether all of this makes sense")
    options = parser.parse_args(words)
    if not options.disk and not options.check:
        parser.error("--disk is needed")
    if options.disk and not options.disk.is_file():
        parser.error(f"--disk: {options.disk} is no disk image")
    options.board = options.board or ("raspi3b" if options.mode == "pivot" and not options.screen else "virt")
    if options.mode == "kexec" and options.board != "virt":
        parser.error("--mode kexec: to the disk's kernel, which comes after ours, QEMU's Pis have no network; "
                     "use --board virt")
    if options.screen and options.board != "virt":
        parser.error("--screen: QEMU's Pis have no screen that the splash could be on; use --board virt")
    return options


def _disk(options: argparse.Namespace, scratch: Path) -> Path:
    """The copy that the Pi writes to."""
    if not options.keep:
        return copy_disk(options.disk, scratch / "disk.img")
    kept = options.out / "demo" / f"{options.disk.stem}.img"
    if options.fresh or not kept.exists():
        part = copy_disk(options.disk, kept.with_suffix(".part"))
        part.rename(kept)
    return kept


def _announce(options: argparse.Namespace, disk: Path) -> None:
    print(f"virtual {options.board}, disk {TARGET} at {SERVER}")
    where = f"{disk} (kept)" if options.keep else f"{disk}, thrown away at the end (--keep keeps it)"
    print(f"{options.disk} stays as it is: the Pi writes to a copy, {where}")
    if not options.no_console:
        print("Ctrl-] leaves.")
    print(flush=True)


def _start(rack: Rack, options: argparse.Namespace) -> VirtualPi:
    rack.serve()
    words = options.append.split()
    if options.mode != "pivot":
        words.append(f"iscsi.mode={options.mode}")
    if options.mode == "usb":
        # The cable is a driver of the lab's, and the computer at its other end a program beside init.
        words.append(rack.before_init(modules=["dummy_hcd"], programs=["usb-host"]))
        words.append("bootwire.console=off")  # it is the computer's, whose shell listens there
    pi = rack.pi(*words, options=Options(extra=screen(*SCREEN), display=window()) if options.screen else Options())
    print("firmware: DHCP and TFTP …", flush=True)
    boot = pi.fetch()
    if boot.missing:
        print(f"firmware: a real Pi also needs {', '.join(boot.missing)}; the virtual one does not")
    fetched = f"{len(boot.requests)} files asked for, {boot.bytes_fetched / 1e6:.2f} MB in {boot.total_ms} ms"
    print(f"firmware: {fetched}\n", flush=True)
    pi.start()
    return pi


def _console(pi: VirtualPi, options: argparse.Namespace) -> int:
    arrived = join(pi, ARRIVED)
    print("\n\n" + table(pi.stages(), pi.boot) + "\n", flush=True)
    if not arrived:
        return 1 if options.no_console or pi.console.closed else 0
    if options.no_console or not os.isatty(sys.stdin.fileno()):
        return 0
    print("You are at the Pi's console: root, no password. Ctrl-] leaves.\n", flush=True)
    pi.console.send_line("")
    join(pi)
    print("\n")
    return 0


def main(words: list[str]) -> int:
    options = arguments(words)
    if options.check:
        return 0
    options.out = options.out.resolve()
    if not (options.out / KERNEL).exists():
        raise LabError(f"{options.out / KERNEL} is missing: ./bootwire build makes it")
    parent = options.out / "demo"
    parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    rack: Rack | None = None
    pictures: Pictures | None = None
    try:
        disk = _disk(options, scratch)
        rack = Rack(options.out, scratch, options.board)
        _announce(options, disk)
        rack.tgt.add(Target(TARGET, [Disk(disk)]))
        rack.tgt.start()
        pi = _start(rack, options)
        if options.screen:
            pictures = Pictures(pi, parent)
        return _console(pi, options)
    except KeyboardInterrupt:
        return 130
    finally:
        if pictures:
            pictures.close()
            print(f"{len(pictures.files)} pictures of the screen: {parent}/screen-*.png", flush=True)
        if rack:
            rack.close()
        shutil.rmtree(scratch, ignore_errors=True)
