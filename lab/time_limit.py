"""No test may hang for ever: hooks of pytest that end one of its phases after LIMIT seconds.

A conftest.py takes them in by importing them. The limit is there for what hangs; nothing is
measured by it, and a test that may take longer says so: @pytest.mark.limit(seconds).
"""

from __future__ import annotations

import faulthandler
import signal
import sys
from collections.abc import Iterator

import pytest

LIMIT = 900  # seconds for set-up, call and teardown each


def limit_of(item: pytest.Item) -> float:
    mark = item.get_closest_marker("limit")
    return mark.args[0] if mark else LIMIT


def _limited(item: pytest.Item, phase: str) -> Iterator[None]:
    seconds = limit_of(item)

    def too_long(_number: int, _frame: object) -> None:
        faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr, all_threads=True)
        pytest.fail(f"{phase} of {item.name} hangs: not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    yield from _limited(item, "the set-up")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield from _limited(item, "the call")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield from _limited(item, "the teardown")
