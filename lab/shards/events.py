"""A pytest plugin: what a shard tells the dealer, a JSON object a line, and which tests it takes."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from lab.time_limit import limit_of

SHARED = ("class", "module", "package")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("shards")
    group.addoption("--events", metavar="FILE", type=Path, help="tell there what happens")
    group.addoption("--only", metavar="FILE", type=Path, help="run the tests that are listed there")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--events"):
        # The dealer interrupts a shard so that it cleans up, however the dealer itself was started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        config.pluginmanager.register(Events(config), "shard-events")


def shared_fixtures(item: pytest.Item) -> list[str]:
    """The fixtures of the item's own file that it shares with others, each with its parameter."""
    file = item.nodeid.split("::")[0]
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    found = []
    for name, definitions in getattr(item, "_fixtureinfo").name2fixturedefs.items():
        if definitions[-1].scope in SHARED and definitions[-1].baseid.split("::")[0] == file:
            found.append(f"{file}::{name}[{parameters.get(name, '')!r}]")
    return sorted(found)


class Events:
    def __init__(self, config: pytest.Config) -> None:
        self.file = config.getoption("--events").open("a", encoding="utf-8", buffering=1)
        listed = config.getoption("--only")
        self.only = set(listed.read_text().splitlines()) if listed else None

    def tell(self, kind: str, **what: Any) -> None:
        self.file.write(json.dumps({"kind": kind, **what}) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.only]

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        for item in items:
            if "long" in item.keywords:
                self.tell("left out", id=item.nodeid)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.tell("collected", id=item.nodeid, shared=shared_fixtures(item), limit=limit_of(item))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.tell("start", id=nodeid)  # a sign of life

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        where = report.longrepr if isinstance(report.longrepr, tuple) else None  # file, line, reason of a skip
        self.tell(
            "report",
            id=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            seconds=report.duration,
            xfail=hasattr(report, "wasxfail"),
            reason=where[2] if where else getattr(report, "wasxfail", ""),
            text="" if where else report.longreprtext,
            sections=report.sections if report.failed else [],
        )

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.tell("end", id=nodeid)
