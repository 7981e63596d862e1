"""Every board of a build: its tree with the overlays that config.txt asks for, and what the check says of it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab import config_txt
from lab.hardware import drivers, fdt
from lab.hardware.boards import BOARDS, Board
from lab.hardware.check import Check, Finding, Verdict
from lab.hardware.errors import HardwareError
from lab.hardware.page import page
from lab.hardware.reports import REPORTS, Report, read_all

CONFIG = Path(__file__).resolve().parents[2] / "image" / "tftp" / "config.txt"


@dataclass(frozen=True)
class Build:
    """What ./bootwire build leaves: drivers.txt, dtbs/, overlays/."""

    folder: Path

    def tree(self, name: str) -> Path | None:
        path = self.folder / "dtbs" / f"{name}.dtb"
        return path if name and path.exists() else None

    def overlay(self, name: str) -> Path:
        path = self.folder / "overlays" / f"{name}.dtbo"
        if not path.exists():
            raise HardwareError(f"config.txt asks for the overlay {name}, and there is no {path}")
        return path

    def has_overlay(self, name: str) -> bool:
        return (self.folder / "overlays" / f"{name}.dtbo").exists()

    def catalogue(self) -> drivers.Catalogue:
        path = self.folder / "drivers.txt"
        try:
            return drivers.Catalogue(drivers.from_text(path.read_text("ascii", "replace")))
        except OSError as error:
            raise HardwareError(f"cannot read {path}: {error.strerror}; ./bootwire build makes it") from error
        except HardwareError as error:
            raise HardwareError(f"{path}: {error}") from error


def merged(tree: Path, overlays: Iterable[Path]) -> bytes:
    """The tree with overlays, as the firmware would hand it over but for its own changes."""
    files = [str(each) for each in overlays]
    if not files:
        return tree.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "merged.dtb"
        try:
            subprocess.run(["fdtoverlay", "-i", str(tree), "-o", str(out), *files], check=True, capture_output=True,
                           text=True)
        except FileNotFoundError as error:
            raise HardwareError("fdtoverlay is missing: apt-get install device-tree-compiler") from error
        except subprocess.CalledProcessError as error:
            raise HardwareError(f"{', '.join(files)}: cannot be applied to {tree}: {error.stderr.strip()}") from error
        return out.read_bytes()


def board_tree(build: Build, board: Board) -> fdt.Tree | None:
    """None where the build has no tree for the board."""
    path, overlays = build.tree(board.tree), []
    if board.stepping and build.has_overlay(board.stepping):
        overlays.append(board.stepping)
    elif board.instead:
        path = build.tree(board.instead)
    if path is None:
        return None
    config = config_txt.parse(CONFIG.read_text(), board.filters, "0")
    overlays += [name for name, _ in config.overlays]
    if board.usb_device:
        overlays.append(board.usb_device)
    try:
        return fdt.parse(merged(path, [build.overlay(each) for each in overlays]))
    except HardwareError as error:
        raise HardwareError(f"{path}: {error}") from error


@dataclass
class Survey:
    verdicts: dict[str, Verdict]
    reports: dict[str, list[Report]]

    @property
    def findings(self) -> list[Finding]:
        """Each thing once, though several abilities may need it."""
        seen: dict[str, Finding] = {}
        for verdict in self.verdicts.values():
            for finding in verdict.findings:
                seen.setdefault(f"{finding.board} {finding.node}", finding)
        return list(seen.values())

    def page(self) -> str:
        return page(self.verdicts, self.reports)


def survey(folder: Path, reports: Path = REPORTS) -> Survey:
    build = Build(folder)
    catalogue = build.catalogue()
    known = {board.tree for board in BOARDS} | {board.instead for board in BOARDS}
    for path in sorted(folder.glob("dtbs/*.dtb")):
        if path.stem not in known:
            raise HardwareError(f"{path} is for no board that lab/hardware/boards.py knows: give it a row there")
    done = Survey({}, {})
    written = read_all(reports)
    for board in BOARDS:
        tree = board_tree(build, board)
        if tree is None:
            continue
        try:
            done.verdicts[board.name] = Check(board, tree, catalogue).run()
        except HardwareError as error:
            raise HardwareError(f"{board.name}: {error}") from error
        done.reports[board.name] = [report for report in written if report.about(tree)]
    return done
