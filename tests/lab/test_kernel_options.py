"""lab/kernel_options: what is told of configurations that are made up."""

from __future__ import annotations

import pytest

from lab.errors import LabError
from lab.kernel_options import page, reasons
from lab.kernel_options.comparison import Comparison
from lab.kernel_options.config import Definition, read_kconfig


@pytest.fixture
def compared(tmp_path):
    ours = 'CONFIG_BOTH=y\n# CONFIG_THEIRS is not set\nCONFIG_OURS=m\nCONFIG_NAME="a"\n'
    (tmp_path / "kernel.config").write_text(ours)
    (tmp_path / "debian-6.12.config").write_text("CONFIG_BOTH=m\nCONFIG_OLD=y\n")
    (tmp_path / "debian-7.3.config").write_text('CONFIG_THEIRS=y\nCONFIG_NUMBER=4\nCONFIG_NAME="b"\n')
    return Comparison.of_build(tmp_path)


def listed(*names):
    return [reasons.Reason("a reason", list(names))]


def test_what_is_missing_is_what_neither_is_built_in_nor_a_module(compared):
    assert compared.missing() == {"THEIRS", "OLD", "NUMBER"}
    assert compared.findings(listed("THEIRS", "OLD", "NUMBER")) == []


def test_a_symbol_that_nobody_has_given_a_reason_for_is_told(compared):
    [finding] = compared.findings(listed("OLD", "NUMBER"))
    assert finding.startswith("THEIRS is in Debian's kernel and not in ours")


@pytest.mark.parametrize("name", ["BOTH", "NOBODYS"])
def test_so_is_one_that_is_not_left_out_any_more(compared, name):
    [finding] = compared.findings(listed("THEIRS", "OLD", "NUMBER", name))
    assert finding.startswith(f"{name} is in kernel/left-out, and ")


def test_so_is_one_that_is_there_twice(compared):
    assert compared.findings(listed("THEIRS", "OLD", "NUMBER", "OLD")) == ["OLD is in kernel/left-out twice"]


def test_a_configuration_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(LabError, match="kernel.config"):
        Comparison.of_build(tmp_path)


KCONFIG = """
menuconfig BUS
\ttristate "A bus"
config HELPER
\ttristate
choice
\tprompt "One of them"
config ONE
\tbool "The one"
endchoice
config LATE
\tbool
\tprompt "asked all the same" if EXPERT
"""


def test_where_a_symbol_is_defined_and_whether_it_can_be_chosen_is_read_from_kconfig(tmp_path):
    for folder in ("drivers/bus", "arch/x86", "arch/arm64"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "drivers/bus/Kconfig").write_text(KCONFIG)
    (tmp_path / "arch/x86/Kconfig").write_text("config FOREIGN\n\tbool\n")
    (tmp_path / "arch/arm64/Kconfig").write_text('config HELPER\n\tbool "of arm64"\n')
    assert read_kconfig(tmp_path) == {
        "BUS": Definition("drivers/bus/Kconfig", True), "HELPER": Definition("arch/arm64/Kconfig", True),
        "ONE": Definition("drivers/bus/Kconfig", True), "LATE": Definition("drivers/bus/Kconfig", True)}


RULES = """
# words
= Nobody has it
drivers/bus/* NO_*
= Too large
BUS_LARGE*
"""


def test_a_name_counts_more_than_a_folder_and_the_first_rule_more_than_the_next():
    rules = reasons.Rules(reasons.parse(RULES))
    bus = Definition("drivers/bus/Kconfig", True)
    assert rules.reason_for("BUS_SMALL", bus) == "Nobody has it"
    assert rules.reason_for("BUS_LARGER", bus) == "Too large"
    assert rules.reason_for("NO_BUS", Definition("net/Kconfig", True)) == "Nobody has it"
    assert rules.reason_for("NEW", Definition("net/Kconfig", True)) is None
    assert rules.reason_for("BUS_HELPER", Definition("drivers/bus/Kconfig", False)) == reasons.FOLLOWS
    assert rules.reason_for("BUS_OLD", None) == reasons.GONE


def test_what_is_written_is_read_back_as_it_was():
    rules = reasons.Rules(reasons.parse(RULES))
    defined = {"BUS_A": Definition("drivers/bus/Kconfig", True), "ODD": Definition("net/Kconfig", True)}
    said, unexplained = reasons.classify({"BUS_A", "ODD", "GONE"}, defined, rules)
    assert unexplained == ["ODD"]
    again = reasons.parse(reasons.to_text(said))
    assert {reason.text: reason.entries for reason in again} == {"Nobody has it": ["BUS_A"], reasons.GONE: ["GONE"]}


def test_the_page_has_a_line_for_each_reason_with_what_it_is_for():
    made = page.section(listed("A", "B", "C", "D"), {"A": "y", "B": "m", "C": "m", "D": '"text"'})
    assert "| a reason | 1 | 2 | 1 |" in made
    text = page.put_into(f"before\n{page.BEGIN}old\n{page.END}after\n", made)
    assert text == f"before\n{page.BEGIN}{made}{page.END}after\n"
    with pytest.raises(LabError):
        page.put_into("no marks", made)
