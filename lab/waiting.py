"""Waiting for what can only be asked about again and again: the lab's loop with a deadline, and the deadline
for those that wait otherwise."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import LabError

T = TypeVar("T")


class Deadline:
    """The end of what may take this many seconds from now on."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; none or fewer once it has passed."""
        return self._end - time.monotonic()

    def shorten(self, seconds: float) -> None:
        """So much from now on at most."""
        self._end = min(self._end, time.monotonic() + seconds)


def wait_until(
    ask: Callable[[], T],
    what: str,
    timeout: float = 60,
    interval: float = 0.1,
    fits: Callable[[Any], object] | None = None,
    possible: Callable[[], bool] = lambda: True,
) -> T:
    """The first answer of ask() that is true, or that fits(); it is asked every `interval` seconds.

    LabError, with `what` was waited for and the last answer that did not fit, after `timeout` seconds, or
    as soon as it is no longer possible().
    """
    deadline = Deadline(timeout)
    while True:
        answer = ask()
        if fits(answer) if fits else answer:
            return answer
        over = not possible()
        if over or deadline.left() < 0:
            verdict = "will never come" if over else f"not within {timeout:g} s"
            raise LabError(f"{verdict}: {what}" + (f"; there is {answer}" if fits else ""))
        time.sleep(interval)


def connects(link: socket.socket, path: Path) -> bool:
    """Whether somebody listens at this local socket, which the link is then connected to."""
    try:
        link.connect(str(path))
    except OSError:
        return False
    return True
