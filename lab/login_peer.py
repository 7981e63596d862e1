"""The scripted front of a target (lab/peer): what no packaged target does, in front of a real one."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from lab.errors import LabError
from lab.network import SERVER
from lab.processes import Process

ROOT = Path(__file__).resolve().parents[1]


def program() -> Path:
    """Among the host's programs (tools/common.sh), or in the folder that BOOTWIRE_HOST_BUILD names."""
    folder = Path(os.environ.get("BOOTWIRE_HOST_BUILD", ROOT / "build"))
    for found in sorted(folder.glob("**/lab-peer/login-peer")):
        return found
    raise LabError(f"no login-peer in {folder}: the host's programs come first (./bootwire test --unit makes them)")


class LoginPeer:
    """Listens beside the real target and passes everything after the login on to it."""

    def __init__(self, directory: Path, *options: str, port: int = 3270, target: str = f"{SERVER}:3260") -> None:
        self.port = port
        self.process = Process(
            [str(program()), "--listen", f"{SERVER}:{port}", "--target", target, *options],
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
