"""tools/skips.py: no test is skipped unseen, whichever runner has skipped it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.shards.results import Results  # noqa: E402
from tools.skips import Skip, of_ctest, of_gtest, of_pytest, read, report, unlisted  # noqa: E402

PROGRAM = """\
[ RUN      ] Links.are_listed
[       OK ] Links.are_listed (3 ms)
[ RUN      ] Links.get_an_address
../../tests/unit/net/net_test.cpp:70: Skipped
no network namespace can be made here: Operation not permitted
[  SKIPPED ] Links.get_an_address (0 ms)
[ RUN      ] Tables/Disk.is_read/gpt
../../tests/unit/disk/disk_test.cpp:7: Skipped

[  SKIPPED ] Tables/Disk.is_read/gpt (0 ms)
[  PASSED  ] 1 test.
[  SKIPPED ] 2 tests, listed below:
[  SKIPPED ] Links.get_an_address
[  SKIPPED ] Tables/Disk.is_read/gpt
"""


def last_log(**outputs: str) -> str:
    """Testing/Temporary/LastTest.log as ctest writes it."""
    blocks = [
        f"{number}/{len(outputs)} Testing: {name}\n{number}/{len(outputs)} Test: {name}\nCommand: \"x\"\nOutput:\n"
        f"{'-' * 58}\n{output}<end of output>\nTest time =   0.01 sec\n{'-' * 58}\nTest Passed.\n\n"
        for number, (name, output) in enumerate(outputs.items(), 1)
    ]
    return "".join(["Start testing: Nov 30 16:51 UTC\n", *blocks])


def test_tests_within_a_program_that_passes_are_found_with_their_reasons():
    assert of_ctest(last_log(net=PROGRAM), "100% tests passed, 0 tests failed out of 1\n") == [
        Skip("Links.get_an_address", "no network namespace can be made here: Operation not permitted"),
        Skip("Tables/Disk.is_read/gpt", ""),
    ]


def test_a_program_that_skips_itself_is_found_with_its_last_words():
    said = "The following tests did not run:\n\t 1 - peer (Skipped)\n\t 2 - silent (Skipped)\n\t 3 - old (Disabled)\n"
    outputs = last_log(peer="trying\nSKIPPED, nothing was tested: tgt is not installed\n", silent="")
    assert of_ctest(outputs, said) == [
        Skip("peer", "SKIPPED, nothing was tested: tgt is not installed"), Skip("silent", ""),
    ]


def test_a_test_that_ctest_runs_by_itself_is_found_once():
    outputs = "[ RUN      ] A.b\nx.cpp:1: Skipped\nnot here\n[  SKIPPED ] A.b (0 ms)\n"
    said = "The following tests did not run:\n\t  7 - A.b (Skipped)\n"
    assert of_ctest(last_log(**{"A.b": outputs}), said) == [Skip("A.b", "not here")]


def test_those_of_pytest_under_ctest_are_found_by_their_place():
    output = "ss.   [100%]\nSKIPPED [1] tests/lab/test_x.py:2: no such thing\n1 passed, 1 skipped in 0.01s\n"
    assert of_ctest(last_log(lab=output), "") == [Skip("tests/lab/test_x.py:2", "no such thing")]


def test_those_of_the_shards_are_found_by_their_names():
    out = io.StringIO()
    results = Results(2, out)
    ended = (("t.py::test_a[x y]", "skipped", "Skipped: no - such"), ("t.py::test_b", "passed", ""))
    for name, outcome, reason in ended:
        event = {"id": name, "when": "call", "outcome": outcome, "seconds": 0.1, "xfail": False, "reason": reason}
        results.take({"kind": "report", "text": "", "sections": [], **event})
        results.take({"kind": "end", "id": name})
    results.summary(1)
    assert of_pytest(out.getvalue().splitlines()) == [Skip("t.py::test_a[x y]", "no - such")]


def test_nothing_is_found_where_nothing_is_skipped():
    assert of_gtest(["[ RUN      ] A.b", "[       OK ] A.b (1 ms)", "[  PASSED  ] 1 test."]) == []


def test_a_list_names_tests_or_patterns_and_brackets_are_no_pattern():
    known = read("# why\nA.b | no VLANs\nDisk.* | no tools\nt.py::test_a[x] | slow\n")
    skips = [Skip(name, "") for name in ("A.b", "A.bc", "Disk.reads", "t.py::test_a[x]", "t.py::test_ax")]
    assert [skip.name for skip in unlisted(skips, known)] == ["A.bc", "t.py::test_ax"]


def test_a_skip_is_always_named_and_in_ci_an_error_unless_listed(capsys):
    skips, known = read("A.b | no VLANs here\nA.b | again\n"), read("A.* | no VLANs\n")
    assert report(skips, [], strict=False) == 0
    assert report(skips, known, strict=True) == 0
    assert capsys.readouterr().out.count("(1):\n  A.b | no VLANs here\n") == 2
    assert report(skips, [], strict=True) == 1
    assert "may not be skipped in CI: A.b;" in capsys.readouterr().out


def test_what_is_listed_has_a_reason():
    assert all(entry.reason for entry in read((ROOT / "tests" / "skips.txt").read_text()))
