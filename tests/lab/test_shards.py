"""The system tests in shards: each test runs once, and whatever goes wrong in a shard fails the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.shards.__main__ import alone  # noqa: E402
from lab.shards.deal import Case, Durations, units  # noqa: E402
from lab.waiting import wait_until  # noqa: E402

# run() as main() calls it, but without the lab's namespaces.
RUN = """
import pathlib, signal, sys
sys.path.insert(0, {root!r})
from lab.shards import __main__ as shards, pool
from lab.shards.deal import Durations
pool.GRACE, pool.GIVE_UP = 5, 6
if {patience}: shards.patience = lambda tests: {patience}
signal.signal(signal.SIGTERM, shards._interrupt)
suite = pathlib.Path({suite!r})
sys.exit(shards.run(["--rootdir", str(suite), *{arguments!r}, str(suite)], 2, [sys.executable], suite / "scratch",
                    Durations(suite / "durations.json"), suite))
"""


class Suite:
    """A few test files of their own."""

    def __init__(self, directory: Path, **files: str) -> None:
        self.directory = directory
        (directory / "scratch").mkdir()
        for name, text in files.items():
            (directory / f"{name}.py").write_text(text)

    def start(self, *arguments: str, patience: float = 0) -> subprocess.Popen[str]:
        script = RUN.format(root=str(ROOT), suite=str(self.directory), arguments=list(arguments), patience=patience)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen([sys.executable, "-c", script], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *arguments: str, patience: float = 0) -> tuple[int, str]:
        process = self.start(*arguments, patience=patience)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


@pytest.fixture
def suite(tmp_path):
    return lambda **files: Suite(tmp_path, **files)


def closing(said: str) -> str:
    return said.strip().splitlines()[-1].strip("= ")


def test_every_outcome_is_counted_and_a_failure_is_told_with_its_reason(suite):
    made = suite(
        test_a="def test_good(): pass\n"
        "def test_bad():\n    print('printed before')\n    assert 1 == 2, 'not this time'\n",
        test_b="import pytest\ndef test_skipped(): pytest.skip('no such thing')\n"
        "@pytest.fixture\ndef broken(): raise OSError('set-up broke')\ndef test_error(broken): pass\n",
    )
    status, said = made.run()
    assert status == 1
    assert closing(said).startswith("1 failed, 1 passed, 1 skipped, 1 error in ")
    assert "FAILED test_a.py::test_bad - AssertionError: not this time" in said
    assert "printed before" in said
    assert "SKIPPED test_b.py::test_skipped - Skipped: no such thing" in said
    assert "ERROR test_b.py::test_error - OSError: set-up broke" in said


def test_when_all_pass_the_status_is_0_what_was_left_out_is_told_and_the_durations_are_kept(suite):
    made = suite(
        conftest="def pytest_collection_modifyitems(config, items):\n"
        "    config.hook.pytest_deselected(items=[i for i in items if 'long' in i.keywords])\n"
        "    items[:] = [i for i in items if 'long' not in i.keywords]\n",
        test_a="import pytest\n@pytest.mark.long\ndef test_slow(): pass\n"
        "@pytest.mark.parametrize('n', ['a b', 'x/y::z', '[1]'])\ndef test_all(n): pass\n",
    )
    status, said = made.run()
    assert status == 0, said
    assert closing(said).startswith("3 passed in ")
    lines = said.splitlines()
    heading = next(number for number, line in enumerate(lines) if "left out; --all runs them" in line)
    assert lines[heading + 1] == "test_a.py::test_slow"
    assert len(json.loads((made.directory / "durations.json").read_text())) == 3


def test_a_fixture_of_the_module_is_made_once(suite):
    made = suite(
        test_a="import pathlib, pytest\nplace = pathlib.Path(__file__).with_name('made')\n"
        "@pytest.fixture(scope='module', params=['one', 'two'])\ndef machine(request):\n"
        "    with place.open('a') as file: file.write(request.param + '\\n')\n    yield request.param\n"
        + "".join(f"def test_{number}(machine): pass\n" for number in range(6))
    )
    status, said = made.run()
    assert status == 0, said
    assert closing(said).startswith("12 passed in ")
    assert sorted((made.directory / "made").read_text().split()) == ["one", "two"]


def test_a_shard_that_dies_fails_the_run_and_says_which_tests_were_lost(suite):
    made = suite(test_a="import os, pytest\n@pytest.fixture(scope='module', autouse=True)\ndef together(): pass\n"
                 "def test_first(): pass\ndef test_dies(): os._exit(0)\ndef test_after(): pass\n",
                 test_b="def test_elsewhere(): pass\n")
    status, said = made.run()
    assert status == 1
    assert closing(said).startswith("2 passed, 2 errors in ")
    assert "ERROR test_a.py::test_dies" in said and "ERROR test_a.py::test_after" in said
    assert "the shard ended with status 0" in said


def test_a_shard_that_ends_badly_after_its_last_test_fails_the_run(suite):
    made = suite(conftest="def pytest_sessionfinish(session):\n    if session.testscollected and not "
                 "session.config.option.collectonly: raise RuntimeError('at the end')\n",
                 test_a="def test_good(): pass\n")
    status, said = made.run()
    assert status == 1, said
    assert "at the end" in said


def test_a_shard_that_hangs_is_ended(suite):
    status, said = suite(test_a="import time\ndef test_hangs(): time.sleep(600)\n").run(patience=3)
    assert status == 1
    assert "the shard said nothing for 3 s and was ended" in said


def test_where_all_fails_the_rest_is_not_waited_for(suite):
    failing = ("import pytest, time\n@pytest.mark.parametrize('n', range(12))\n"
               "def test_bad(n):\n    time.sleep(0.5)\n    assert 0\n")
    status, said = suite(test_a=failing).run()
    assert status == 1
    assert "gave up after " in said and "tests have no result" in said
    assert 6 <= int(closing(said).split()[0]) < 12


def test_no_tests_at_all_is_a_failure(suite):
    status, said = suite(test_a="def test_good(): pass\n").run("-k", "nothing_like_it")
    assert status == 5
    assert closing(said).startswith("no tests ran in ")


def test_a_file_that_cannot_be_read_is_a_failure_and_shown(suite):
    status, said = suite(test_a="import nothing_of_this_name\n", test_b="def test_good(): pass\n").run()
    assert status == 2
    assert "nothing_of_this_name" in said


def test_only_what_failed_last_is_run_again(suite):
    made = suite(test_a="import os\ndef test_good(): pass\n"
                 "def test_bad(): assert os.path.exists(__file__ + '.mended')\n",
                 test_b="def test_good(): pass\n")
    assert made.run()[0] == 1
    (made.directory / "test_a.py.mended").touch()
    status, said = made.run("--lf")
    assert status == 0, said
    assert closing(said).startswith("1 passed in ")


def test_an_interrupt_ends_the_shards_and_they_clean_up(suite):
    made = suite(test_a="import pathlib, pytest, time\nhere = pathlib.Path(__file__)\n"
                 "@pytest.fixture\ndef rack():\n"
                 "    here.with_name('up').touch()\n    yield\n    here.with_name('down').touch()\n"
                 "def test_long(rack): time.sleep(600)\n")
    process = made.start()
    wait_until((made.directory / "up").exists, "the test's set-up", 60, 0.05, possible=lambda: process.poll() is None)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert (made.directory / "down").exists()


# -- dealing

def cases(file, count, shared=()):
    return [Case(f"{file}::test_{number}", shared) for number in range(count)]


def test_each_test_is_dealt_once_and_the_longest_unit_comes_first(tmp_path):
    tests = cases("a.py", 30) + cases("b.py", 3, ("b.py::debian['virt']",)) + cases("c.py", 2)
    dealt = units(tests, Durations(tmp_path / "none"), 2)
    assert sorted(name for unit in dealt for name in unit.tests) == sorted(test.id for test in tests)
    assert [unit.seconds for unit in dealt] == sorted((unit.seconds for unit in dealt), reverse=True)
    assert dealt[0].tests == [f"b.py::test_{number}" for number in range(3)]


def test_tests_that_share_a_fixture_through_a_third_stay_together(tmp_path):
    shared: list[tuple[str, ...]] = [("x",), ("y",), ("x", "y"), ()]
    tests = [Case(f"a.py::test_{number}", fixtures) for number, fixtures in enumerate(shared, 1)]
    dealt = units(tests, Durations(tmp_path / "none"), 2)
    together = ["a.py::test_1", "a.py::test_2", "a.py::test_3"]
    assert sorted(sorted(unit.tests) for unit in dealt) == [together, ["a.py::test_4"]]


def test_remembered_durations_decide_and_nonsense_is_ignored(tmp_path):
    file = tmp_path / "deep" / "durations.json"
    Durations(file).remember({"a.py::test_0": 500.0})
    tests = cases("a.py", 2) + cases("b.py", 3, ("b.py::debian['virt']",))
    assert units(tests, Durations(file), 2)[0].tests == ["a.py::test_0"]
    file.write_text("[]")
    assert units(tests, Durations(file), 2)[0].tests[0] == "b.py::test_0"


@pytest.mark.parametrize(
    "words, yes",
    [("", False), ("-k redirection", False), ("-k x", False), ("-kx", False), ("--lf", False), ("-rs", False),
     ("-v", False), ("-m long", False), ("tests/system/test_iscsi.py", False), ("-x", True), ("-k x -x --lf", True),
     ("-vs", True), ("--pdb", True),
     ("--maxfail=2", True), ("--collect-only", True), ("--junitxml=a", True), ("-h", True)],
)
def test_arguments_for_one_process_only(words, yes):
    assert alone(words.split()) is yes
