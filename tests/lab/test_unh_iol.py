"""tests/unit/iscsi_initiator/unh_iol.txt: the numbers of a neutral judge's suites, and our tests that show them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

UNIT = Path(__file__).resolve().parents[1] / "unit"
TABLE = UNIT / "iscsi_initiator" / "unh_iol.txt"
# How many tests each suite has; of the login's, one is left out (the table says why).
KNOWN = {"login": 40 - 1, "chap": 32, "full": 35}


class Row(NamedTuple):
    number: str
    title: str
    state: str
    rest: str


def rows(text: str) -> list[Row]:
    whole = re.sub(r"\n +", " ", text)
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    return [Row(*(field.strip() for field in line.split("|"))) for line in lines]


def names_in(folder: Path) -> set[str]:
    macro = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
    found = (macro.findall(file.read_text()) for file in sorted(folder.rglob("*.cpp")))
    return {".".join(pair) for pairs in found for pair in pairs}


def flaws(table: list[Row], known: set[str]) -> list[str]:
    wrong = [f"{number} stands twice" for number, times in Counter(row.number for row in table).items() if times > 1]
    for row in table:
        if not re.fullmatch(r"(login|chap|full) \d+(\.\d+){1,2}", row.number):
            wrong.append(f"{row.number} is no number of a suite")
        if row.state == "passes":
            wrong += [f"{row.number}: no test {name}" for name in row.rest.split() if name not in known]
        elif row.state not in ("n/a", "kernel"):
            wrong.append(f"{row.number} is neither passes nor n/a nor kernel")
        if not row.title or not row.rest:
            wrong.append(f"{row.number} lacks a title, a test or a reason")
    return wrong


def test_each_number_stands_once_and_each_named_test_exists():
    assert flaws(rows(TABLE.read_text()), names_in(UNIT)) == []


def test_no_number_of_the_suites_is_forgotten():
    assert Counter(row.number.split()[0] for row in rows(TABLE.read_text())) == KNOWN


@pytest.mark.parametrize(
    "line, wrong",
    [
        ("login 1.1 | t | passes | A.b C.d", ["login 1.1: no test C.d"]),
        ("login 1.1 | t | passes | A.b\n    C.d", ["login 1.1: no test C.d"]),
        ("chap 1.2.1 | t | n/a | why\nchap 1.2.1 | u | kernel | why", ["chap 1.2.1 stands twice"]),
        ("chap 1 | t | n/a | why", ["chap 1 is no number of a suite"]),
        ("full 1.1 | t | fails | why", ["full 1.1 is neither passes nor n/a nor kernel"]),
        ("full 1.1 | t | n/a |", ["full 1.1 lacks a title, a test or a reason"]),
        ("# full 1.1 | t | fails |\n\nfull 1.1 | t | passes | A.b", []),
    ],
)
def test_what_is_wrong_with_a_table_is_told(line, wrong):
    assert flaws(rows(line), {"A.b"}) == wrong
