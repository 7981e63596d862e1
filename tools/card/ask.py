"""Questions to a person at a terminal."""

from __future__ import annotations

import os
import sys


def somebody_is_there() -> bool:
    """A terminal of a CI's runner has nobody in front of it."""
    return sys.stdin.isatty() and not os.environ.get("CI")


def answer(question: str) -> str:
    """What is typed, in small letters; empty if the terminal is closed."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower()
