"""The person's terminal joined to the Pi's serial console, until Ctrl-] or the machine's end."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator

from lab.pi import VirtualPi

LEAVE = b"\x1d"  # Ctrl-]


@contextlib.contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """Keys go through unread and unechoed; the terminal is itself again afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _show(chunk: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), chunk)


@contextlib.contextmanager
def shown(pi: VirtualPi) -> Iterator[None]:
    """The console's output appears as it comes."""
    pi.console.watchers.append(_show)
    try:
        yield
    finally:
        pi.console.watchers.remove(_show)


def _pass_keys(pi: VirtualPi, keys: int) -> bool:
    """One read; False when the person leaves."""
    typed = os.read(keys, 1024)
    if not typed or LEAVE in typed:
        return False
    with contextlib.suppress(OSError):
        pi.console.link.sendall(typed)
    return True


def join(pi: VirtualPi, until: str | None = None) -> bool:
    """True when `until` (a pattern) has come; False when the person left or the machine ended."""
    keys = sys.stdin.fileno()
    interactive = os.isatty(keys)
    with raw(keys) if interactive else contextlib.nullcontext(), shown(pi):
        while not pi.console.closed:
            if until and pi.console.seen(until):
                return True
            ready = select.select([keys] if interactive else [], [], [], 0.1)[0]
            if ready and not _pass_keys(pi, keys):
                return False
    return until is not None and pi.console.seen(until)
