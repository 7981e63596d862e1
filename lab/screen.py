"""A screen for the virtual board, and what is seen on it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from lab.errors import LabError
from lab.pi import VirtualPi

SECONDS = 0.5  # between two looks


def screen(width: int, height: int) -> list[str]:
    """Words for QEMU. Its virtio-mmio is of before virtio 1.0 if not told otherwise; Linux' driver wants 1.0."""
    return ["-global", "virtio-mmio.force-legacy=false", "-device", f"virtio-gpu-device,xres={width},yres={height}"]


def window() -> str:
    """QEMU's word for a window, or for none where this machine has no display to show it on."""
    return "gtk" if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else "none"


class Pictures:
    """Each new picture on the screen as a file, numbered in their order, until close()."""

    def __init__(self, pi: VirtualPi, directory: Path) -> None:
        self.pi = pi
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for old in directory.glob("screen-*.png"):
            old.unlink()
        self.files: list[Path] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        before = b""
        new = self.directory / "screen-new.png"
        while not self._over.wait(SECONDS):
            if not self.pi.on:
                continue
            try:
                self.pi.machine.screenshot(new)
            except (LabError, OSError, ValueError):
                return  # the machine has ended
            picture = new.read_bytes()
            if picture == before:
                continue
            before = picture
            self.files.append(new.rename(self.directory / f"screen-{len(self.files) + 1:03}.png"))

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)
        (self.directory / "screen-new.png").unlink(missing_ok=True)
