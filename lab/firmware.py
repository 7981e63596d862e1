"""The stand-in for the firmware's own network boot: from nothing to files in memory.

It asks DHCP as the board does, then asks the TFTP server for the same files in the same
order (under <serial>/ first, from the root where that prefix does not answer), and reads
config.txt to know which; docs/troubleshooting.md has the order as a table. What the firmware
would need and the server lacks is reported, not required: this machine may have no firmware
blobs, and QEMU runs none.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from lab import tftp
from lab.boards import BOARDS, Board
from lab.config_txt import Config, parse
from lab.pi_dhcp import PiDhcp, configure


OF_THE_ROM = ("bootcode.bin", "bootsig.bin")


class FirmwareError(Exception):
    """Where a real Pi would stop, blink, or go on to its next boot device."""


@dataclass
class Request:
    path: str
    size: int  # -1: the server has no such file
    ms: int
    packets: int


@dataclass
class Boot:
    """What the firmware found: everything QEMU is started with, and how it was found."""

    board: str
    serial: str
    directory: str
    prefix: str = ""
    address: str = ""
    tftp_server: str = ""
    kernel: str = ""
    tree: str = ""
    initramfs: str = ""
    overlays: list[str] = field(default_factory=list)
    command_line: str = ""
    requests: list[Request] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # needed by a real Pi
    warnings: list[str] = field(default_factory=list)
    dhcp_ms: int = 0
    total_ms: int = 0

    @property
    def bytes_fetched(self) -> int:
        return sum(max(request.size, 0) for request in self.requests)


class Source(Protocol):
    def get(self, path: str) -> tuple[bytes, int] | None:
        """Content and packets, None where there is no such file."""


class TftpSource:
    def __init__(self, server: str) -> None:
        self.server = server

    def get(self, path: str) -> tuple[bytes, int] | None:
        try:
            transfer = tftp.fetch(self.server, path)
        except tftp.NotFound:
            return None
        return transfer.content, transfer.packets


class CardSource:
    """The same files on the FAT partition of an SD card."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def get(self, path: str) -> tuple[bytes, int] | None:
        file = self.directory / path
        return (file.read_bytes(), 0) if file.is_file() else None


class Firmware:
    def __init__(self, board: Board, serial: str, source: Source, directory: Path) -> None:
        self.board = board
        self.source = source
        self.directory = directory
        self.os_prefix = ""
        self.boot = Boot(board.name, serial, str(directory))
        directory.mkdir(parents=True, exist_ok=True)

    def _get(self, path: str) -> bytes | None:
        """Ask for one file, once, and keep it."""
        started = time.monotonic()
        try:
            answer = self.source.get(self.boot.prefix + path)
        except tftp.TftpError as error:
            raise FirmwareError(f"TFTP: {error}") from error
        took = round((time.monotonic() - started) * 1000)
        size = len(answer[0]) if answer else -1
        self.boot.requests.append(Request(self.boot.prefix + path, size, took, answer[1] if answer else 2))
        if answer is None:
            return None
        kept = self.directory / path
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(answer[0])
        return answer[0]

    def _rom(self) -> None:
        """The boot ROM of a Pi 3 knows of no folder."""
        for blob in self.board.blobs:
            if blob in OF_THE_ROM and self._get(blob) is None and blob == "bootcode.bin":
                self.boot.missing.append(blob)

    def _choose_prefix(self) -> None:
        """The short serial number as a folder, where the server has its first file there: a start file, for which
        config.txt stands in, as this machine may have none; on a Pi 5, which loads none, config.txt itself."""
        for path in (*self.board.start_files, "config.txt"):
            self.boot.prefix = self.boot.serial[-8:].lower() + "/"
            if self._get(path) is not None:
                return
        self.boot.prefix = ""

    def _blobs(self) -> None:
        for blob in self.board.blobs:
            if blob in OF_THE_ROM:
                continue
            needed = blob in ("start.elf", "fixup.dat", "start4.elf", "fixup4.dat")
            if self._get(blob) is None and needed:
                self.boot.missing.append(blob)

    def _config(self) -> Config:
        text = self._get("config.txt")
        if text is None:
            self.boot.warnings.append("no config.txt: the firmware's defaults")
        decode = lambda content: content.decode(errors="replace")  # noqa: E731
        config = parse(
            decode(text or b""),
            self.board.filters,
            self.boot.serial,
            lambda path: decode(self._get(path) or b""),
        )
        self.boot.warnings += config.warnings
        return config

    def _trees(self, config: Config) -> list[str]:
        """Names of the device tree, in the order in which they are tried."""
        if config.get("device_tree"):
            return [config.get("device_tree")]
        upstream = [self.board.compatible_tree] if config.flag("upstream_kernel") else []
        return [name for name in [*upstream, self.board.vendor_tree] if name]

    def _choose_os_prefix(self, config: Config) -> None:
        """os_prefix= counts only if kernel and tree are there; upstream_kernel=1 implies upstream/."""
        prefix = config.get("os_prefix", "upstream/" if config.flag("upstream_kernel") else "")
        trees = self._trees(config)
        if prefix and trees and self._get(prefix + trees[0]) is not None:
            self.os_prefix = prefix

    def _tree(self, config: Config) -> None:
        self._choose_os_prefix(config)
        names = self._trees(config)
        for name in names:
            if self._get(self.os_prefix + name) is not None:
                self.boot.tree = self.os_prefix + name
                break
        else:
            if names:
                raise FirmwareError(f"the TFTP root has no device tree {names[0]}")
        stepping: list[tuple[str, list[str]]] = []
        if self.board.stepping and self.boot.tree:
            stepping.append((self.board.stepping, []))
        for overlay, parameters in [*stepping, *config.overlays]:
            path = f"{config.get('overlay_prefix', 'overlays/')}{overlay}.dtbo"
            if self._get(path) is None:
                self.boot.warnings.append(f"dtoverlay={overlay}: no {path}, left out as the firmware does")
                continue
            if parameters:
                self.boot.warnings.append(f"dtoverlay={overlay}: parameters are not applied here")
            self.boot.overlays.append(path)

    def _kernel(self, config: Config) -> None:
        if not config.flag("arm_64bit", default="pi5" in self.board.filters):
            self.boot.warnings.append("arm_64bit=1 is not set: older firmware starts a 32-bit kernel")
        name = config.get("kernel", "kernel8.img")
        name = self.os_prefix + name
        if self._get(name) is None:
            raise FirmwareError(f"the TFTP root has no kernel {name}")
        self.boot.kernel = name
        if config.initramfs:
            if self._get(config.initramfs) is None:
                raise FirmwareError(f"the TFTP root has no initramfs {config.initramfs}")
            self.boot.initramfs = config.initramfs

    def run(self) -> Boot:
        self._rom()
        self._choose_prefix()
        self._blobs()
        config = self._config()
        self._tree(config)
        line = self._get(self.os_prefix + config.get("cmdline", "cmdline.txt")) or b""
        self.boot.command_line = " ".join(line.decode(errors="replace").split())
        self._kernel(config)
        return self.boot


def network_boot(interface: str, board: Board, serial: str, mac: str, directory: Path, tries: int) -> Boot:
    """The whole of it, on a machine that has nothing but this interface."""
    started = time.monotonic()
    dhcp = PiDhcp(interface, mac, serial, board.rom_dhcp)
    offer = dhcp.run(tries)
    dhcp.close()
    if offer is None:
        raise FirmwareError("DHCP: no server offers a network boot")
    asked = round((time.monotonic() - started) * 1000)
    configure(interface, offer)
    boot = Firmware(board, serial, TftpSource(offer.tftp), directory).run()
    boot.address, boot.tftp_server, boot.dhcp_ms = offer.address, offer.tftp, asked
    boot.total_ms = round((time.monotonic() - started) * 1000)
    return boot


def load(report: Path) -> Boot:
    fields = json.loads(report.read_text())
    fields["requests"] = [Request(**request) for request in fields["requests"]]
    return Boot(**fields)


def main(arguments: list[str]) -> int:
    """python3 -m lab.firmware BOARD SERIAL MAC DIRECTORY TRIES: run as a host on the switch."""
    name, serial, mac, directory, tries = arguments
    report = Path(directory) / "boot.json"
    try:
        boot = network_boot("eth0", BOARDS[name], serial, mac, Path(directory), int(tries))
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 1
    report.write_text(json.dumps(asdict(boot), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
