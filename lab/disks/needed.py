"""Which disks tests ask for: a pytest plugin that reads it out of their code, without running any.

A test names a disk by a literal, in itself, in a fixture or in a function that one of them uses, or
gets the name as a parameter. Names that somebody else spells out of pieces would be missed;
tests/lab/test_needed_disks.py holds this to what there is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.disks.cache import REPOSITORY, DiskError
from lab.disks.recipes import DISKS, LIO

MADE = (*DISKS, LIO)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--needed-disks", metavar="FILE", type=Path, help="tell there which disks the tests ask for")


def pytest_collection_finish(session: pytest.Session) -> None:
    file = session.config.getoption("--needed-disks")
    if file:
        needed = {name for item in session.items for name in of_test(item)}
        file.write_text("".join(f"{name}\n" for name in MADE if name in needed))


def of_test(item: pytest.Item) -> set[str]:
    """What the test, its parameters and its fixtures name."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    functions = [getattr(item, "function", None)]
    for definitions in getattr(item, "_fixtureinfo").name2fixturedefs.values():
        functions += [definition.func for definition in definitions]
    return set(_names(parameters.values())) | {name for function in functions for name in of_function(function, set())}


def _names(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and value in MADE:
            yield value
        elif isinstance(value, (tuple, list, frozenset)):
            yield from _names(value)


def of_function(function: Any, seen: set[types.CodeType]) -> set[str]:
    """A function's own words, those of constants that it uses, and of the functions of ours that it may call."""
    function = getattr(function, "__func__", function)
    if not isinstance(function, types.FunctionType):
        return set()
    if not Path(function.__code__.co_filename).resolve().is_relative_to(REPOSITORY):
        return set()
    return _of_code(function.__code__, function.__globals__, seen)


def _of_code(code: types.CodeType, known: dict[str, Any], seen: set[types.CodeType]) -> set[str]:
    if code in seen:
        return set()
    seen.add(code)
    found = set(_names(code.co_consts))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _of_code(constant, known, seen)
    for name in code.co_names:
        value = known.get(name)
        found |= set(_names([value])) if isinstance(value, str) else of_function(value, seen)
    return found


def chosen(arguments: list[str]) -> list[str]:
    """The disks that the tests ask for which pytest would run with these arguments."""
    if "--shards" in arguments:  # of lab.shards
        at = arguments.index("--shards")
        arguments = arguments[:at] + arguments[at + 2 :]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "needed"
        words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "lab.disks.needed",
                 f"--needed-disks={file}", *arguments]
        done = subprocess.run(words, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        if done.returncode not in (0, 5):  # 5: no test is chosen
            raise DiskError(f"pytest does not tell which tests there are:\n{done.stdout}")
        return file.read_text().split() if file.exists() else []
