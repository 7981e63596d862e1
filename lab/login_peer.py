"""The scripted front of a target (lab/peer): what no packaged target does, in front of a real one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

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
        self.process.await_start("login-peer", lambda: "listening on" in self.process.output())

    def send_async_message(self) -> None:
        """The one of --async, to all sessions."""
        os.kill(self.process.pid, signal.SIGUSR1)

    def log(self) -> str:
        return self.process.output()

    def stop(self) -> None:
        self.process.stop()
