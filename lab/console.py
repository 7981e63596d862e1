"""The serial console: everything read is kept, with the time it came, and can be waited for."""

from __future__ import annotations

import re
import socket
import threading
import time
from pathlib import Path

from lab.waiting import Deadline, connects, wait_until


class ConsoleTimeout(AssertionError):
    """What was waited for did not come; the message ends with what came instead."""


class ConsoleClosed(ConsoleTimeout):
    """The machine ended while something was waited for."""


PANIC = "Kernel panic - not syncing"


class Console:
    """expect() looks only at what came after the last match, as expect(1) does."""

    def __init__(self, path: Path, transcript: Path, seconds: float = 60) -> None:
        self.link = socket.socket(socket.AF_UNIX)
        wait_until(lambda: connects(self.link, path), "the machine's console", seconds, 0.02)
        self.transcript = transcript.open("w", encoding="utf-8", errors="replace")
        self.text = ""
        self.position = 0
        self.closed = False
        self.started = time.monotonic()
        self.watchers: list = []
        self._more = threading.Condition()
        self._fresh_line = True
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = self.link.recv(65536)
            except OSError:
                chunk = b""
            with self._more:
                if not chunk:
                    self.closed = True
                    self.transcript.flush()
                    self._more.notify_all()
                    return
                piece = chunk.decode(errors="replace")
                self.text += piece.replace("\r", "")
                self._note(piece.replace("\r", ""))
                self._more.notify_all()
            for watch in list(self.watchers):
                watch(chunk)

    def _note(self, piece: str) -> None:
        """The transcript, each line with the seconds since power-on."""
        for line in piece.splitlines(keepends=True):
            if self._fresh_line:
                self.transcript.write(f"{time.monotonic() - self.started:9.3f} ")
            self.transcript.write(line)
            self._fresh_line = line.endswith("\n")
        self.transcript.flush()

    def expect(self, pattern: str, timeout: float = 60) -> re.Match[str]:
        """The first match (MULTILINE) since the last one. Raises ConsoleTimeout."""
        wanted = re.compile(pattern, re.MULTILINE)
        deadline = Deadline(timeout)
        with self._more:
            while True:
                match = wanted.search(self.text, self.position)
                if match:
                    self.position = match.end()
                    return match
                if PANIC in self.text:  # nothing more will come, but for what is on its way
                    deadline.shorten(2)
                left = deadline.left()
                if self.closed or left <= 0:
                    kind = ConsoleClosed if self.closed else ConsoleTimeout
                    state = "the machine ended" if self.closed else f"not within {timeout:g} s"
                    raise kind(f"{pattern!r}: {state}; the console's end:\n{self.text[-2500:]}")
                self._more.wait(left)

    def seen(self, pattern: str) -> bool:
        """Whether it has come at any time since power-on."""
        return re.search(pattern, self.text, re.MULTILINE) is not None

    def skip(self) -> None:
        """Forget what has come so far."""
        self.position = len(self.text)

    def send(self, text: str) -> None:
        self.link.sendall(text.encode())

    def send_line(self, line: str) -> None:
        self.send(line + "\r")

    def close(self) -> None:
        try:
            self.link.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.link.close()
