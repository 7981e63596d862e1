"""How a test talks to a program of the lab: one line of JSON over a local socket, one back."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from lab.errors import LabError
from lab.processes import Process
from lab.waiting import connects


def run_program(description: str, run: Callable[[argparse.Namespace], Coroutine], *places: str) -> None:
    """The main() of such a program: --control, --seed, and the options that say where it stands."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--control", *places):
        parser.add_argument(option, required=True)
    parser.add_argument("--seed", type=int, default=1, help="of everything that is left to chance")
    asyncio.run(run(parser.parse_args()))


async def serve(path: str, answer: Callable[[dict], dict]) -> None:
    """Within the program; answer() gets each request."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                reply = answer(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                reply = {"error": repr(error)}
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()

    await asyncio.start_unix_server(client, path)


class Controlled:
    """`python3 -m MODULE --control SOCKET WORDS…`, started, and its line of control."""

    def __init__(self, module: str, words: list[str], log: Path) -> None:
        # Paths of sockets are limited to some 100 bytes; a checkout may lie deeper than that.
        self._folder = tempfile.TemporaryDirectory(prefix="bootwire-")
        path = Path(self._folder.name) / "control"
        self.process = Process([sys.executable, "-m", module, "--control", str(path), *words], log)
        self._link = socket.socket(socket.AF_UNIX)
        self.process.await_start(module, lambda: connects(self._link, path), 20)
        self._replies = self._link.makefile("r", encoding="utf-8")

    def ask(self, **request: object) -> dict:
        self._link.sendall(json.dumps(request).encode() + b"\n")
        reply = json.loads(self._replies.readline() or '{"error": "it has ended"}')
        if "error" in reply:
            raise LabError(f"{self.process.command[2]}: {reply['error']}")
        return reply

    def stop(self) -> None:
        self._replies.close()
        self._link.close()
        self.process.stop()
        self._folder.cleanup()
