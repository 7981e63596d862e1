"""What the system tests share. Run them with `python3 -m lab run pytest tests/system`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)  # the lab's programs are started as modules

from lab import disks, network  # noqa: E402
from lab.servers import Rack  # noqa: E402
from lab.time_limit import pytest_runtest_call, pytest_runtest_setup, pytest_runtest_teardown  # noqa: E402, F401
from tools.card import content  # noqa: E402

OUT = Path(os.environ.get("BOOTWIRE_OUT", ROOT / "out")).resolve()

left_out: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also what is marked long: other roots, full waiting times")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: runs only with --all")
    config.addinivalue_line("markers", "limit(seconds): may take longer than lab/time_limit.py allows otherwise")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    chosen = [item for item in items if "long" not in item.keywords]
    left_out.extend(item.nodeid for item in items if "long" in item.keywords)
    config.hook.pytest_deselected(items=[item for item in items if "long" in item.keywords])
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if left_out:
        terminalreporter.section("left out; --all runs them")
        for name in left_out:
            terminalreporter.write_line(name)


def _rack(name: str, board: str) -> Rack:
    """Two CPUs boot as four do, in three quarters of the host's time; what is about all of them asks for four."""
    rack = Rack(OUT, _directory(name), board)
    rack.cpus = 2
    return rack


@pytest.fixture(scope="session")
def lab_network() -> None:
    if not network.inside():
        pytest.fail("outside the lab's network: run `./bootwire test` or `python3 -m lab run pytest tests/system`")


@pytest.fixture(scope="session")
def disk() -> Callable[[str], Path]:
    """An image by name; never written to, a rack copies it."""
    return disks.path


def _directory(name: str) -> Path:
    """Transcripts and logs of one test, kept until its next run."""
    directory = OUT / "lab" / re.sub(r"[^\w.=-]+", "_", name)[:120]
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def make_rack(lab_network: None, request: pytest.FixtureRequest) -> Iterator[Callable[..., Rack]]:
    """make_rack(board): servers and Pis of that board, gone after the test."""
    racks: list[Rack] = []

    def make(board: str = "virt") -> Rack:
        name = f"{request.node.path.stem}.{request.node.name}" + (f".{len(racks)}" if racks else "")
        racks.append(_rack(name, board))
        return racks[-1]

    yield make
    for rack in racks:
        rack.close()


@pytest.fixture
def card_sources(tmp_path: Path) -> content.Sources:
    """What was built, and stand-ins for the vendor's firmware, which QEMU does not run."""
    firmware = tmp_path / "raspi-firmware"
    for item in content.TABLE:
        if item.origin == "firmware":
            file = firmware / "usr" / "lib" / "raspi-firmware" / item.source
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"no firmware")
    doc = firmware / "usr" / "share" / "doc" / "raspi-firmware"
    doc.mkdir(parents=True)
    (doc / "copyright").write_text("nobody's\n")
    return content.Sources(OUT, firmware)


@pytest.fixture
def rack(make_rack: Callable[..., Rack]) -> Rack:
    """Servers and Pis on QEMU's `virt`."""
    return make_rack()


@pytest.fixture(scope="module")
def module_rack(
    lab_network: None, request: pytest.FixtureRequest
) -> Callable[[str, str], AbstractContextManager[Rack]]:
    """`with module_rack(board, name) as rack:` for a Pi that several tests look at, one at a time."""

    @contextlib.contextmanager
    def make(board: str, name: str) -> Iterator[Rack]:
        rack = _rack(f"{request.path.stem}.{name}", board)
        try:
            yield rack
        finally:
            rack.close()

    return make
