"""The scripted front of a target (lab/peer): what no packaged target does, in front of a real one."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from lab.errors import LabError
from lab.host_program import host_program
from lab.network import SERVER
from lab.processes import Process


class LoginPeer:
    """Listens beside the real target and passes everything after the login on to it."""

    def __init__(self, directory: Path, *options: str, port: int = 3270, target: str = f"{SERVER}:3260") -> None:
        self.port = port
        self.process = Process(
            [host_program("login-peer"), "--listen", f"{SERVER}:{port}", "--target", target, *options],
            directory / f"login-peer-{port}.log",
        )
        deadline = time.monotonic() + 60
        while not re.search("listening on", self.process.output()):
            if not self.process.running() or time.monotonic() > deadline:
                raise LabError(f"login-peer does not start: {self.process.output().strip()}")
            time.sleep(0.02)

    def send_async_message(self) -> None:
        """The one of --async, to all sessions."""
        os.kill(self.process.pid, signal.SIGUSR1)

    def log(self) -> str:
        return self.process.output()

    def stop(self) -> None:
        self.process.stop()
