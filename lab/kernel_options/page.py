"""The section of kernel/README.md that tells what is left out."""

from __future__ import annotations

from collections.abc import Mapping

from lab.errors import LabError
from lab.kernel_options.reasons import Reason

BEGIN = "<!-- made by python3 -m lab.kernel_options renew -->\n"
END = "<!-- end -->\n"


def section(reasons: list[Reason], debian: Mapping[str, str]) -> str:
    """A table; debian: the values that Debian's configurations have."""
    rows = []
    for reason in reasons:
        values = [debian.get(name, "") for name in reason.entries]
        built_in, modules = values.count("y"), values.count("m")
        if values:
            rows.append(f"| {reason.text} | {built_in} | {modules} | {len(values) - built_in - modules} |\n")
    return "| why | built in there | modules there | numbers, texts |\n| --- | --: | --: | --: |\n" + "".join(rows)


def put_into(page: str, made: str) -> str:
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise LabError("kernel/README.md has lost the marks around what is made of kernel/left-out")
    return before + BEGIN + made + END + after
