"""Why symbols are left out: kernel/left-out.rules by pattern, and kernel/left-out, which is made of it, by name."""

from __future__ import annotations

import fnmatch
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.kernel_options.config import Definition

FOLLOWS = "Nobody chooses these: they come with others that select them, or say what compiler and architecture can"
GONE = "Debian 13's Linux 6.12 has them, 7.3 does not know them: renamed, or not a choice any more"
WIDTH = 118
HEAD = """\
# What Debian 13's kernels for arm64 have (6.12, and 7.3 of its backports) and ours has not, with the reasons.
# Made by `python3 -m lab.kernel_options renew` of kernel/left-out.rules; a test compares it with both configurations.
"""


@dataclass
class Reason:
    text: str
    entries: list[str] = field(default_factory=list)  # patterns or names


def parse(text: str) -> list[Reason]:
    """Of lines "= REASON", each with lines of words behind it."""
    reasons: list[Reason] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("= "):
            reasons.append(Reason(line[2:].strip()))
        elif line.strip() and not line.startswith("#"):
            if not reasons:
                raise LabError(f"line {number} is behind no reason")
            reasons[-1].entries += line.split()
    return reasons


def to_text(reasons: list[Reason]) -> str:
    blocks = [f"= {reason.text}\n{textwrap.fill(' '.join(sorted(reason.entries)), WIDTH, break_on_hyphens=False)}\n"
              for reason in reasons if reason.entries]
    return HEAD + "".join("\n" + block for block in blocks)


class Rules:
    """Names come before files: what is said of one symbol counts more than what is said of a folder."""

    def __init__(self, reasons: list[Reason]) -> None:
        def patterns(of_files: bool) -> list[tuple[str, re.Pattern[str]]]:
            return [(reason.text, re.compile(fnmatch.translate(entry)))
                    for reason in reasons for entry in reason.entries if ("/" in entry) == of_files]

        self._names, self._files = patterns(False), patterns(True)
        self._texts = [reason.text for reason in reasons]

    def reason_for(self, name: str, where: Definition | None) -> str | None:
        if where is None:
            return GONE
        if not where.asked:
            return FOLLOWS
        named = (text for text, pattern in self._names if pattern.match(name))
        filed = (text for text, pattern in self._files if pattern.match(where.file))
        return next(named, None) or next(filed, None)

    def texts(self) -> list[str]:
        return self._texts


def classify(names: set[str], defined: Mapping[str, Definition], rules: Rules) -> tuple[list[Reason], list[str]]:
    """The reasons with the names that each is for, in the rules' order, and the names that none fits."""
    made = {text: Reason(text) for text in (*rules.texts(), FOLLOWS, GONE)}
    unexplained = []
    for name in sorted(names):
        text = rules.reason_for(name, defined.get(name))
        if text is None:
            unexplained.append(name)
        else:
            made[text].entries.append(name)
    return list(made.values()), unexplained
