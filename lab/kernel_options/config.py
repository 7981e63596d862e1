"""What a .config and Kconfig files say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

SET = re.compile(r"^CONFIG_(\w+)=(.*)$", re.MULTILINE)
DEFINED = re.compile(r"^\s*(?:menu)?config\s+(\w+)\s*$")
PROMPT = re.compile(r'^\s*(?:bool|tristate|string|int|hex|prompt)\s+"')


def read_config(path: Path) -> dict[str, str]:
    """A .config's symbols that are not off, with their values: y, m, a number or a text in quotes."""
    try:
        return dict(SET.findall(path.read_text(encoding="utf-8", errors="replace")))
    except OSError as error:
        raise LabError(f"cannot read {path}: {error.strerror}") from error


@dataclass(frozen=True)
class Definition:
    file: str  # below the source
    asked: bool  # somebody can choose; else it follows from others


def read_kconfig(source: Path) -> dict[str, Definition]:
    """Every symbol that arm64 knows, by where it is defined; where it can be chosen, if there are several."""
    found: dict[str, Definition] = {}
    for path in sorted(source.rglob("Kconfig*")):
        file = path.relative_to(source).as_posix()
        if not path.is_file() or re.match(r"(arch/(?!arm64/|Kconfig)|Documentation/|scripts/kconfig/tests/)", file):
            continue
        for name, asked in _symbols(path.read_text(encoding="utf-8", errors="replace")):
            if name not in found or asked and not found[name].asked:
                found[name] = Definition(file, asked)
    if not found:
        raise LabError(f"{source} is no kernel's source: there is no Kconfig in it")
    return found


def _symbols(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for line in text.splitlines():
        if defined := DEFINED.match(line):
            found.append((defined[1], False))
        elif found and PROMPT.match(line):
            found[-1] = (found[-1][0], True)
        elif re.match(r"\s*(choice|menu|comment|endmenu|endchoice|source|if|endif)\b", line):
            found.append(("", False))  # what follows is not the last symbol's
    return [(name, asked) for name, asked in found if name]
