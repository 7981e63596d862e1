"""QEMU as a Raspberry Pi: started with what the firmware fetched, and nothing else."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from lab import device_tree
from lab.boards import BOARDS, Board
from lab.bootloader import Bootloader
from lab.console import Console
from lab.errors import LabError
from lab.firmware import Boot
from lab.picture import write_png
from lab.processes import Process, run
from lab.qemu import emulator
from lab.qmp import Qmp


@dataclass
class Options:
    """What a test may want different."""

    cpus: int = 4
    memory: int = 0  # MiB; 0: the board's own
    reboot: bool = False  # False: QEMU ends where the machine would restart
    card: Path | None = None  # image of an SD card in the slot
    revision: int = 0  # that the firmware tells; 0: the board's own
    bootloader: Bootloader | None = None  # in an EEPROM
    network: bool = True
    watchdog: str = "reset"
    display: str = "none"  # QEMU's word
    extra: list[str] = field(default_factory=list)


def has_kvm() -> bool:
    return platform.machine() == "aarch64" and os.access("/dev/kvm", os.R_OK | os.W_OK)


def cpu_and_accelerator() -> list[str]:
    """Of a `virt`."""
    if has_kvm():
        return ["-M", "virt,gic-version=host", "-accel", "kvm", "-cpu", "host"]
    return ["-M", "virt", "-accel", "tcg,thread=multi", "-cpu", "cortex-a72"]


def _base(board: Board, options: Options) -> list[str]:
    if board.name == "virt":
        memory = options.memory or board.memory
        return [*cpu_and_accelerator(), "-smp", str(options.cpus), "-m", str(memory), "-nic", "none"]
    # With threads, each CPU that waits in the spin-table keeps one of the host's busy: to them WFE is nothing.
    return ["-M", board.name, "-accel", "tcg,thread=single", "-nic", "none"]


def _serial(board: Board, socket_path: Path) -> list[str]:
    """A Pi's console is the mini UART, QEMU's second serial port."""
    words = ["-chardev", f"socket,id=console,path={socket_path},server=on,wait=off"]
    if board.name != "virt":
        words += ["-serial", "null"]
    return [*words, "-serial", "chardev:console"]


def _network(board: Board, tap: str, mac: str) -> list[str]:
    device = "virtio-net-device" if board.name == "virt" else "usb-net,port=1"
    return [
        "-netdev", f"tap,id=net0,ifname={tap},script=no,downscript=no",
        "-device", f"{device},id=nic0,netdev=net0,mac={mac}",
    ]


def _card(board: Board, image: Path) -> list[str]:
    drive = f"format=raw,file={image}"
    if not board.card_slot:
        return ["-drive", f"if=sd,{drive}"]
    return ["-drive", f"if=none,id=card,{drive}", "-device", f"sd-card,drive=card,bus={board.card_slot}"]


def own_tree(board: Board, file: Path, options: Options | None = None) -> Path:
    """`virt` has no tree of its own to fetch: take the one QEMU would generate."""
    base = _base(board, options or Options())
    base[1] += f",dumpdtb={file}"
    run("qemu-system-aarch64", *base, "-display", "none")
    return file


class Machine:
    """One power-on. The console is connected before the first instruction runs."""

    def __init__(self, boot: Boot, mac: str, tap: str, directory: Path, options: Options | None = None) -> None:
        self.boot = boot
        self.board = BOARDS[boot.board]
        self.mac = mac
        self.directory = directory
        self.options = options or Options()
        self.files = Path(boot.directory)
        directory.mkdir(parents=True, exist_ok=True)
        # Paths of sockets are limited to some 100 bytes; a checkout may lie deeper than that.
        self._sockets = Path(tempfile.mkdtemp(prefix="bootwire-"))
        self.process = Process(self._command(tap), directory / "qemu.log")
        try:
            self.qmp = Qmp(self._sockets / "qmp")
            self.console = Console(self._sockets / "console", directory / "console.log")
        except (OSError, LabError) as error:
            self.process.stop()
            raise LabError(f"QEMU does not start: {self.process.output().strip() or error}") from error

    def _command(self, tap: str) -> list[str]:
        words = [emulator(self.board.name), *_base(self.board, self.options)]
        words += ["-kernel", str(self.files / self.boot.kernel), "-dtb", str(self._tree())]
        if self.boot.initramfs:
            words += ["-initrd", str(self.files / self.boot.initramfs)]
        words += _serial(self.board, self._sockets / "console")
        if self.options.network:
            words += _network(self.board, tap, self.mac)
        if self.options.card:
            words += _card(self.board, self.options.card)
        if not self.options.reboot:
            words.append("-no-reboot")
        if self.options.bootloader:
            words += self.options.bootloader.in_memory(self.board, self.directory)
        words += ["-action", f"watchdog={self.options.watchdog}"]
        words += ["-display", self.options.display, "-monitor", "none", "-S"]
        return words + ["-qmp", f"unix:{self._sockets / 'qmp'},server=on,wait=off"] + self.options.extra

    def _tree(self) -> Path:
        """The fetched tree, with everything in it that the firmware adds."""
        patched = self.directory / "patched.dtb"
        fetched = self.files / self.boot.tree if self.boot.tree else None
        shutil.copy(fetched or own_tree(self.board, self.directory / "virt.dtb", self.options), patched)
        for overlay in self.boot.overlays:
            device_tree.apply_overlay(patched, self.files / overlay)
        device_tree.identify(
            patched, serial=self.boot.serial, model=self.board.model,
            revision=self.options.revision or self.board.revision, mac=self.mac,
        )
        if self.options.bootloader:
            self.options.bootloader.fill_in(patched, self.board)
        for node in self.board.unusable:
            device_tree.disable(patched, node)
        for node, name, value in self.board.otherwise:
            device_tree.change(patched, node, name, value)
        device_tree.set_command_line(patched, self.boot.command_line)
        return patched

    def start(self) -> None:
        self.qmp.command("cont")

    def running(self) -> bool:
        return self.process.running()

    def link(self, up: bool) -> None:
        """The network cable."""
        self.qmp.command("set_link", name="nic0", up=up)

    def reset(self) -> None:
        self.qmp.command("system_reset")

    def type(self, text: str) -> None:
        """Letters, digits, blanks and line ends, on a keyboard that the options bring along."""
        names = {" ": "spc", "\n": "ret"}
        for key in text:
            self.qmp.command("send-key", keys=[{"type": "qcode", "data": names.get(key, key)}])
            time.sleep(0.15)  # QEMU lets go of a key after 0.1 s

    def screenshot(self, png: Path) -> Path:
        raw = self.directory / "screen.ppm"
        self.qmp.command("screendump", filename=str(raw))
        write_png(raw, png)
        return png

    def wait(self, timeout: float) -> None:
        """For the machine to power itself off (or restart, without Options.reboot)."""
        self.process.popen.wait(timeout)

    def stop(self) -> None:
        if hasattr(self, "console"):
            self.console.close()
        if hasattr(self, "qmp"):
            self.qmp.close()
        self.process.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)
