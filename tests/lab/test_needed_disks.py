"""./bootwire test makes the disks that the chosen tests need, and no others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.disks import DISKS  # noqa: E402
from lab.disks.cache import DiskError  # noqa: E402
from lab.disks.needed import chosen, of_function  # noqa: E402
from lab.disks.recipes import LIO  # noqa: E402

SYSTEM = str(ROOT / "tests" / "system")


@pytest.mark.parametrize("arguments, when", [([], ("test",)), (["--all"], ("test", "all"))])
def test_all_tests_need_what_the_table_says(arguments, when):
    """A test that spells a disk's name in a way that is not seen would fail for want of it."""
    assert chosen([*arguments, SYSTEM]) == [*(name for name, disk in DISKS.items() if disk.when in when), LIO]


CHOSEN = {
    "by a literal, in the test or in a function that it calls": (
        ["-k", "test_a_32_bit_root_boots"], ["tiny-armhf"]),
    "by a parameter": (["-k", "test_other_debians and debian-nm"], ["debian-nm"]),
    "by a fixture": (["-k", "test_reconnect_says_why"], ["tiny"]),
    "by none": (["-k", "nothing_is_called_that"], []),
}


@pytest.mark.parametrize("how", CHOSEN)
def test_a_disk_is_named(how):
    arguments, expected = CHOSEN[how]
    assert chosen(["--all", SYSTEM, *arguments]) == expected


def test_options_of_the_shards_are_not_pytests():
    assert chosen(["--shards", "2", SYSTEM, "-k", "test_a_32_bit_root_boots"]) == ["tiny-armhf"]


def test_what_pytest_does_not_understand_is_an_error():
    with pytest.raises(DiskError, match="no-such-option"):
        chosen([SYSTEM, "--no-such-option"])


def helper(disk: str) -> list[str]:
    return [disk, "tiny-erofs"]


NAME = "tiny-gpt"


def test_names_are_found_in_constants_helpers_and_inner_functions():
    def names_them():
        inner = [helper("tiny") for _ in range(1)]
        return inner, NAME, lambda: "tiny-xfs", "tiny-no-such-disk"

    assert of_function(names_them, set()) == {"tiny", "tiny-gpt", "tiny-xfs", "tiny-erofs"}
    assert names_them()[1] == NAME
