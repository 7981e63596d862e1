"""How far something long has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[int], None]  # bytes done


class Bar:
    """One line on a terminal; elsewhere a line each quarter. had: bytes that were there before it began."""

    def __init__(self, what: str, total: int, stream: TextIO, had: int = 0) -> None:
        self.what, self.total, self.stream, self.had = what, total, stream, had
        self.began = time.monotonic()
        self.quarter = had * 4 // total
        self.open = False  # a line on a terminal that has no end yet

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        """What is said next begins a line of its own."""
        if self.open:
            self.stream.write("\n")
            self.open = False

    def __call__(self, done: int) -> None:
        share = done / self.total
        if self.stream.isatty():
            took = max(time.monotonic() - self.began, 0.001)
            filled = "#" * int(share * 30)
            speed = (done - self.had) / took / 1e6
            self.stream.write(f"\r{self.what:<11} [{filled:<30}] {share:4.0%}  {speed:5.1f} MB/s ")
            self.open = done < self.total
            if not self.open:
                self.stream.write("\n")
            self.stream.flush()
        elif int(share * 4) > self.quarter:
            self.quarter = int(share * 4)
            self.stream.write(f"bootwire: {self.what} {self.quarter * 25} %\n")
