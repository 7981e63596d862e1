"""Many initiators at one target, each by the keeper's rules (lab/peer/crowd.cpp): what they do together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lab.host_program import host_program
from lab.network import SERVER
from lab.processes import Process
from lab.waiting import wait_until


class Crowd:
    """Started at once; counts() is what the crowd has said last."""

    def __init__(self, directory: Path, members: int, target: str, portal: str = f"{SERVER}:3260") -> None:
        self.members = members
        self.process = Process(
            [host_program("crowd"), "--portal", portal, "--name", target, "--members", str(members)],
            directory / "crowd.log",
        )
        self.await_that(lambda counts: counts["attempts"] > 0, "a first attempt")

    def counts(self) -> dict[str, int]:
        lines = self.process.output().splitlines(keepends=True)
        whole = [line for line in lines[-2:] if line.endswith("\n")]
        return json.loads(whole[-1]) if whole else {"ms": 0, "attempts": 0}

    def await_that(self, happened: Callable[[dict[str, int]], bool], what: str, seconds: float = 60) -> dict[str, int]:
        """What it says as soon as that has happened."""
        return wait_until(self.counts, what, seconds, fits=happened, possible=self.process.running)

    def await_all(self, seconds: float = 120) -> dict[str, int]:
        """Until everybody has a session."""
        what = f"{self.members} sessions"
        return self.await_that(lambda counts: counts.get("connected") == self.members, what, seconds)

    def stop(self) -> None:
        self.process.stop()
