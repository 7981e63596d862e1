"""lab/waiting.py: what a wait gives, and what it says when nothing comes of it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab.errors import LabError  # noqa: E402
from lab.processes import Process  # noqa: E402
from lab.waiting import Deadline, wait_until  # noqa: E402


def test_it_gives_the_first_answer_that_is_true():
    answers = iter(["", "", "there", "later"])
    assert wait_until(lambda: next(answers), "an answer", 60, 0) == "there"


def test_it_gives_the_first_answer_that_fits_be_it_true_or_not():
    numbers = itertools.count(-3)
    assert wait_until(lambda: next(numbers), "zero", 60, 0, fits=lambda number: number == 0) == 0


def test_too_late_says_what_was_waited_for_and_what_there_is():
    with pytest.raises(LabError, match=r"^not within 0\.05 s: three sheep; there is \{'sheep': 2\}$"):
        wait_until(lambda: {"sheep": 2}, "three sheep", 0.05, 0.01, fits=lambda count: count["sheep"] == 3)


def test_what_can_no_longer_come_is_not_waited_for():
    numbers = itertools.count()
    with pytest.raises(LabError, match=r"^will never come: a session$"):
        wait_until(lambda: False, "a session", 600, 0, possible=lambda: next(numbers) < 3)


def test_a_deadline_tells_what_is_left_and_can_come_sooner():
    deadline = Deadline(600)
    assert 500 < deadline.left() <= 600
    deadline.shorten(0)
    assert deadline.left() <= 0
    deadline.shorten(600)
    assert deadline.left() <= 0, "and never later"


def test_a_program_that_ends_instead_of_starting_says_why(tmp_path):
    process = Process([sys.executable, "-c", "print('no such address')"], tmp_path / "log")
    with pytest.raises(LabError, match="^server does not start: no such address$"):
        process.await_start("server", lambda: "listening" in process.output(), 600)
