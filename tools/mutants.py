"""Mutants of C++: the slips that a test should notice, made from a source's text, without I/O.

condition  an `if` the other way round; == for !=; && for ||
check      an `if` that leaves early, and never does; what its condition calls is called all the same
boundary   < for <=; the number beside a comparison, or a + 1, off by one
constant   a number more by one, true for false
error      an error is returned as success

Left alone: comments, what is in quotes, durations (a second more or less is a matter of taste), how much is shown
of a text that somebody else has written (printable), sizes of arrays, static_assert, and functions that end
processes or the machine: a mutant of those could end what is not its own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

KINDS = ("condition", "check", "boundary", "constant", "error")

NO_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>\w*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<!\w)'(?:\\.|[^'\\\n])*'"""
    r"""|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*""",
    re.DOTALL | re.MULTILINE,
)
WHOLE = "all of it"  # in the list instead of a change: no mutants are made of that file

DANGER = re.compile(r"\b(?:kill|killpg|stop_keeper|fork|reboot)\(")
IF = re.compile(r"\bif \(")
DECLARATION = re.compile(r"\s*(?:const )?[\w:]+(?:<[^=;]*>)?[ *&]+(\w+) = ")
LEAVES = re.compile(r"\s*(?:return|continue|break)\b")
TOGGLES = {"==": "!=", "!=": "==", "&&": "||", "||": "&&"}
TOGGLE = re.compile(r"(?<= )(?:==|!=|&&|\|\|)(?=\s)")
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
COMPARISON = re.compile(r"(?<= )(<=|>=|<|>)(?=\s)(?: (\d[\d']*|0x[\da-fA-F']+)(?![\w.']))?")
BY_ONE = re.compile(r" [+-] 1(?![\w.'])")
NUMBER = re.compile(r"(?<![\w.'])(0x[\da-fA-F']+|\d[\d']*)(?=(?:[uU]?[lL]{0,2})\b)(?![.'])")
ARRAY = re.compile(r"^\s*(?:(?:static|const|constexpr|unsigned|alignas\([\w:]+\)) )*[\w:]+ \w+\[\Z")
SHOWN = re.compile(r"\bprintable\(")
LAST_NUMBER = re.compile(r"\d+\Z")
WORD = re.compile(r"\b(return )?(true|false)\b")
RETURN = re.compile(r"\breturn (?=(\w[\w:]*))")
MAKES_ERRORS = re.compile(r"\bstd::unexpected<\w+> (\w+)\(")


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int  # of its first character, from 1
    kind: str
    start: int
    end: int
    text: str  # what stands between start and end instead
    before: str  # the whole lines, blanks collapsed
    after: str

    @property
    def change(self) -> str:
        return f"{self.before} → {self.after}"

    def of(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


def mask(source: str) -> str:
    """Of the same length: blanks for comments and the preprocessor's lines, quotes for what is quoted."""

    def covered(match: re.Match[str]) -> str:
        quoted = match[0].lstrip()[0] in "R\"'"
        return "".join(c if c == "\n" else '"' if quoted else " " for c in match[0])

    def blank(text: str, start: int, end: int) -> str:
        return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]

    masked = NO_CODE.sub(covered, source)
    for match in re.finditer(r"\bstatic_assert(?=\()", masked):
        masked = blank(masked, match.start(), closing(masked, match.end()) + 1)
    while danger := DANGER.search(masked):
        end = masked.find("\n}\n", danger.start())
        masked = blank(masked, masked.rfind("\n}\n", 0, danger.start()) + 1, end if end >= 0 else len(masked))
    return masked


def closing(masked: str, at: int) -> int:
    """Where the bracket at `at` is closed."""
    return next(at + i for i, depth in depths(masked[at:]) if depth == 0)


def depths(masked: str) -> Iterator[tuple[int, int]]:
    """Each place with the number of brackets that are open behind it."""
    depth = 0
    for i, c in enumerate(masked):
        depth += (c in "([{") - (c in ")]}")
        yield i, depth


def leaves(masked: str, after: int) -> bool:
    """Whether what follows an `if (…)` ends with return, continue or break."""
    rest = masked[after:]
    if not rest.lstrip().startswith("{"):
        return bool(LEAVES.match(rest))
    opened = masked.index("{", after)
    lines = [line for line in masked[opened + 1 : closing(masked, opened)].splitlines() if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    # What goes on on a further line is indented deeper.
    statements = [line for line, indent in zip(lines, indents) if indent == indents[0]]
    return bool(statements and LEAVES.match(statements[-1]))


def plus(number: str, more: int) -> str | None:
    value = int(number.replace("'", ""), 16 if number.startswith("0x") else 10) + more
    if value < 0 or (number[0] == "0" and number.isdigit() and len(number) > 1):
        return None
    return f"0x{value:x}" if number.startswith("0x") else str(value)


Span = tuple[str, int, int, "str | None"]  # kind, start, end, text


def of_ifs(source: str, masked: str) -> Iterator[Span]:
    for match in IF.finditer(masked):
        begin, end = match.end(), closing(masked, match.end() - 1)
        semicolons = [i for i, depth in depths(masked[begin:end]) if depth == 0 and masked[begin + i] == ";"]
        if semicolons:
            begin += semicolons[-1] + 1
            begin += len(masked[begin:end]) - len(masked[begin:end].lstrip())
        condition = source[begin:end]
        declared = None if semicolons else DECLARATION.match(masked[begin:end])
        tested = declared[1] if declared else f"({condition})"
        first = f"{condition}; " if declared else ""
        if TOGGLE.findall(masked[begin:end]) not in (["=="], ["!="]):  # those are turned round by themselves
            yield "condition", begin, end, f"{first}!{tested}"
        if leaves(masked, end + 1):
            yield "check", begin, end, f"{first}{tested} && false"


def of_operators(masked: str) -> Iterator[Span]:
    for match in TOGGLE.finditer(masked):
        yield "condition", match.start(), match.end(), TOGGLES[match[0]]
    for match in COMPARISON.finditer(masked):
        yield "boundary", match.start(1), match.end(1), COMPARISONS[match[1]]
        if match[2]:  # the other way: x < 5 is x <= 5 and x < 4
            yield "boundary", match.start(2), match.end(2), plus(match[2], -1 if match[1] in ("<", ">=") else 1)
    for match in BY_ONE.finditer(masked):
        yield "boundary", match.start(), match.end(), ""


def lengths_shown(masked: str) -> Iterator[int]:
    """Where they begin, as in printable(text, 80)."""
    for call in SHOWN.finditer(masked):
        if length := LAST_NUMBER.search(masked, call.end(), closing(masked, call.end() - 1)):
            yield length.start()


def of_constants(masked: str) -> Iterator[Span]:
    taken = {match.start(2) for match in COMPARISON.finditer(masked)}
    taken |= {match.end() - 1 for match in BY_ONE.finditer(masked)}
    taken |= set(lengths_shown(masked))
    for match in NUMBER.finditer(masked):
        line = masked[masked.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match.start() not in taken and not ARRAY.match(line) and masked[match.end()] != ">":
            yield "constant", match.start(), match.end(), plus(match[1], 1)
    for match in WORD.finditer(masked):
        kind = "error" if match[0] == "return false" else "constant"
        yield kind, match.start(2), match.end(2), "false" if match[2] == "true" else "true"


def of_errors(source: str, masked: str) -> Iterator[Span]:
    makers = set(MAKES_ERRORS.findall(masked)) | {"std::unexpected", "fail", "fail_for_now", "fail_errno", "about"}
    for match in RETURN.finditer(masked):
        end = next((match.end() + i for i, depth in depths(masked[match.end() :])
                    if depth == 0 and masked[match.end() + i] == ";"), match.end())
        enum, _, value = match[1].rpartition("::")
        if match[1] in makers:
            yield "error", match.end(), end, "{}"
        elif enum and value != "none" and f"{enum}::none" in masked and source[match.end() : end] == match[1]:
            yield "error", match.end(), end, f"{enum}::none"


def mutants(file: str, source: str) -> list[Mutant]:
    """All that can be made of a source, in its order."""
    masked = mask(source)
    spans = {*of_ifs(source, masked), *of_operators(masked), *of_constants(masked), *of_errors(source, masked)}
    made = []
    for kind, start, end, text in sorted(spans, key=lambda span: (span[1], span[2], span[3] or "")):
        if text is None or source[start:end] == text:
            continue
        first, last = source.rfind("\n", 0, start) + 1, source.find("\n", end)
        before = source[first : last if last >= 0 else len(source)]
        after = before[: start - first] + text + before[end - first :]
        line = source.count("\n", 0, start) + 1
        made.append(Mutant(file, line, kind, start, end, text, " ".join(before.split()), " ".join(after.split())))
    return made


def chosen(among: Iterable[Mutant], seed: str, count: int) -> list[Mutant]:
    """As many of each kind as there are, as far as that goes; the same for the same seed."""
    shuffled = sorted(among, key=lambda mutant: (mutant.file, mutant.start, mutant.text))
    random.Random(seed).shuffle(shuffled)
    by_kind = [[mutant for mutant in shuffled if mutant.kind == kind] for kind in KINDS]
    picked: list[Mutant] = []
    while len(picked) < count and any(by_kind):
        picked += [left.pop() for left in by_kind if left]
    return sorted(picked[:count], key=lambda mutant: (mutant.file, mutant.start, mutant.text))


def read(text: str) -> dict[tuple[str, str], str]:
    """Reasons by file and change: "file | before → after | reason", or WHOLE as the change; comments left out."""
    known = {}
    for line in text.splitlines():
        file, _, rest = line.partition(" | ")
        change, _, reason = rest.rpartition(" | ")
        if change and not line.startswith("#"):
            known[file.strip(), change.strip()] = reason.strip()
    return known
