"""What a test holds in its hand of the programs between the Pi and its servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab.control import Controlled
from lab.network import SERVER
from lab.waiting import wait_until


class FaultProxy(Controlled):
    """Between initiator and target, PDU by PDU: see lab/fault_proxy.py."""

    def __init__(self, directory: Path, port: int = 3290, target: str = f"{SERVER}:3260") -> None:
        self.port = port
        words = ["--listen", f"{SERVER}:{port}", "--target", target]
        super().__init__("lab.fault_proxy", words, directory / f"fault-proxy-{port}.log")

    def cut(self, how: str = "rst") -> dict:
        """Every connection, now."""
        return self.ask(do="cut", how=how)

    def silent(self, yes: bool) -> dict:
        """Whether everything is accepted and nothing passed on."""
        return self.ask(do="set", silent=yes)

    def idle(self, yes: bool) -> dict:
        """Whether the target does nothing more than to accept logins and answer pings: SCSI commands get lost."""
        return self.ask(do="set", idle=yes)

    def standby(self, yes: bool) -> dict:
        """Whether it lets everybody in who comes from now on, and turns all their SCSI commands down, as a portal on
        standby. Without digests."""
        return self.ask(do="set", standby=yes)

    def go_to_standby(self, transition: float, announced: bool) -> dict:
        """It serves the disk no longer, to whomever: each session hears of it once, by a unit attention, if that is
        announced; it says so many seconds that it is going over, and then that it is on standby. Without digests."""
        return self.ask(do="go-to-standby", transition=transition, announced=announced)

    def delay(self, least: float, most: float) -> dict:
        """Seconds that each PDU waits; none overtakes another."""
        return self.ask(do="set", delay=[least, most])

    def split(self, yes: bool) -> dict:
        """Whether each PDU goes in two segments, divided at another byte each time, or, if rare, byte by byte."""
        return self.ask(do="set", split=yes)

    def corrupt(self, side: str, part: str) -> dict:
        """Flip a bit of the next PDU from "initiator" or "target" whose "header" or "data" has a digest."""
        return self.ask(do="corrupt", **{"from": side, "part": part})

    def cut_commands(self, times: int, first: int = 1, last: int = 1) -> dict:
        """Reset the next `times` connections at their first…last SCSI command, which gets lost."""
        return self.ask(do="cut-commands", times=times, after=[first, last])

    def count(self) -> dict:
        return self.ask(do="count")

    def await_count(self, name: str, least: int, seconds: float = 60) -> dict:
        """Until so many of something have happened."""
        return self.await_that(lambda count: count[name] >= least, f"{least} {name}", seconds)

    def await_that(self, happened: Callable[[dict], bool], what: str, seconds: float = 60) -> dict:
        """The counts as soon as that has happened."""
        return wait_until(self.count, what, seconds, fits=happened)


class Wire(Controlled):
    """A cable that loses, delays, reorders and repeats frames: see lab/wire.py."""

    def __init__(self, directory: Path, near: str, far: str) -> None:
        super().__init__("lab.wire", ["--near", near, "--far", far], directory / f"wire-{near}.log")

    def be(self, **faults: float) -> dict:
        """lose, delay, reorder, repeat: probabilities from 0 to 1. What is not named is no longer done."""
        return self.ask(do="be", **faults)

    def count(self) -> dict:
        return self.ask(do="count")
