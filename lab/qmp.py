"""QEMU's control socket: JSON lines, answers and events mixed."""

from __future__ import annotations

import json
import socket
from collections import deque
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.waiting import Deadline, connects, wait_until


class Qmp:
    def __init__(self, path: Path, seconds: float = 20) -> None:
        self.events: deque[dict[str, Any]] = deque(maxlen=1000)
        self.link = socket.socket(socket.AF_UNIX)
        wait_until(lambda: connects(self.link, path), "QEMU's control socket", seconds, 0.02)
        self.link.settimeout(30)
        self.lines = self.link.makefile("r")
        self._read()
        self.command("qmp_capabilities")

    def _read(self) -> dict[str, Any]:
        line = self.lines.readline()
        if not line:
            raise LabError("QEMU has ended")
        return json.loads(line)

    def command(self, name: str, /, **arguments: Any) -> Any:
        message = {"execute": name, "arguments": arguments}
        self.link.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer = self._read()
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise LabError(f"QEMU: {name}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def wait_for(self, event: str, seconds: float) -> dict[str, Any]:
        """The data of the next event of this name, or of the first one that has come already."""
        deadline = Deadline(seconds)
        while True:
            while self.events:
                came = self.events.popleft()
                if came["event"] == event:
                    return came.get("data", {})
            self.link.settimeout(max(deadline.left(), 0.01))
            try:
                self.events.append(self._read())
            except TimeoutError as error:
                raise LabError(f"QEMU: no {event} within {seconds:g} s") from error
            finally:
                self.link.settimeout(30)

    def close(self) -> None:
        self.lines.close()
        self.link.close()
