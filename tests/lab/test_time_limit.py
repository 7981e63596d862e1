"""What hangs is ended, whatever it hangs in, and the tests after it run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
import subprocess, threading
import pytest
from lab.time_limit import pytest_runtest_call, pytest_runtest_setup, pytest_runtest_teardown

@pytest.fixture
def stuck():
    try:
        threading.Event().wait()
    except Exception:
        pass

@pytest.mark.limit(1)
def test_in_a_program():
    subprocess.run(["sleep", "600"])

@pytest.mark.limit(1)
def test_in_its_set_up(stuck): pass

def test_after_them(): pass
"""


def test_a_hanging_test_fails_and_says_where_it_hung(tmp_path):
    (tmp_path / "conftest.py").write_text(SUITE.split("@pytest.fixture")[0])
    (tmp_path / "test_a.py").write_text(SUITE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, capture_output=True, timeout=120,
    )
    assert done.returncode == 1, done.stdout
    assert "the call of test_in_a_program hangs: not done after 1 s" in done.stdout
    assert "the set-up of test_in_its_set_up hangs: not done after 1 s" in done.stdout
    assert "1 failed, 1 passed" in done.stdout and "1 error" in done.stdout
    assert "Current thread" in done.stdout and "in stuck" in done.stdout
