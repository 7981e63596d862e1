"""Which QEMU is the board: the system's own, or for a Pi 4 a newer one beside it, where the system's is too old."""

from __future__ import annotations

import functools
import re

from lab.disks.cache import directory
from lab.errors import LabError
from lab.processes import run, tool

PROGRAM = "qemu-system-aarch64"
LEAST = {"raspi4b": 10}  # the first with which it was tried


@functools.cache
def _version(program: str) -> int:
    found = re.search(r"version (\d+)", run(program, "--version"))
    return int(found[1]) if found else 0


def emulator(machine: str) -> str:
    """Its path. tools/common.sh has the newer one unpacked, on a Debian that needs it."""
    if _version(PROGRAM) >= LEAST.get(machine, 0):
        return tool(PROGRAM)
    newer = directory().parent / "sysroot" / "qemu" / "usr" / "bin" / PROGRAM
    if not newer.exists():
        raise LabError(f"a {machine} takes QEMU {LEAST[machine]} or newer, and {tool(PROGRAM)} is {_version(PROGRAM)}: "
                       "./bootwire test --system fetches one")
    return str(newer)
