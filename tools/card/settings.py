"""--set KEY=VALUE: which settings there are, and how they are written down."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from tools.card.errors import CardError

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"  # made from the code's own table, and compared with it by a test
HELP_DISK_ONLY = "bootwire.keep"
ROW = re.compile(r"^\| `([^`]+)=` \| (.*?) \| (.*?) \| (?:`(.*?)`|–) \|")


@dataclass(frozen=True)
class Key:
    name: str
    meaning: str
    example: str


def normal(name: str) -> str:
    """`-` and `_` are the same in names."""
    return name.replace("-", "_")


def keys(page: Path = PAGE) -> dict[str, Key]:
    """By their normal names, in the page's order."""
    found = {}
    for line in page.read_text().splitlines():
        match = ROW.match(line)
        if match and match[1] != HELP_DISK_ONLY:
            found[normal(match[1])] = Key(match[1], match[2].replace("\\|", "|"), match[4] or "")
    return found


def is_secret(name: str) -> bool:
    return name.endswith((".password", ".psk", ".secret"))


def several(key: Key) -> bool:
    return key.meaning.endswith("; several")


Settings = list[tuple[str, str]]


def parse(words: list[str]) -> Settings:
    """KEY=VALUE each; a later one replaces an earlier one of its name, but where several count."""
    known = keys()
    settings: Settings = []
    for word in words:
        name, equals, value = word.partition("=")
        key = known.get(normal(name))
        if not equals:
            raise CardError(f"--set wants KEY=VALUE, as in iscsi.ip=192.168.1.10, not '{name}'")
        if key is None:
            near = difflib.get_close_matches(normal(name), known, 1, 0.5)
            hint = f"did you mean {known[near[0]].name}=?" if near else "words for the kernel alone go into cmdline.txt"
            raise CardError(f"there is no setting {name}= (docs/settings.md lists them all): {hint}")
        if '"' in value or any(ord(character) < 32 or ord(character) == 127 for character in value):
            raise CardError(f"the value of {key.name}= has a quote or a control character, which no setting can have")
        if not several(key):
            settings = [(other, old) for other, old in settings if other != key.name]
        settings.append((key.name, value))
    return settings


def has_secret(settings: Settings) -> bool:
    return any(is_secret(name) and value for name, value in settings)


def word(name: str, value: str) -> str:
    return f'{name}="{value}"' if re.search(r"\s", value) else f"{name}={value}"


def split_words(line: str) -> list[str]:
    """As the kernel splits its command line: blanks within double quotes belong to a word."""
    return re.findall(r'(?:[^\s"]|"[^"]*"?)+', line)


def into_cmdline(line: str, settings: Settings) -> str:
    """The line with these settings in place of those of the same names; an empty value takes one out."""
    replaced = {normal(name) for name, _ in settings}
    words = [old for old in split_words(line) if normal(old.partition("=")[0]) not in replaced]
    return " ".join([*words, *(word(name, value) for name, value in settings if value)]) + "\n"


BOOTWIRE_TXT = """\
# Settings of bootwire for the Pi that starts from this card, one in a line.
# Take the # away before what you want to set. Two are needed, iscsi.ip= and iscsi.target=,
# and none where DHCP says where the disk is. What cmdline.txt says wins over this file, and
# this file over DHCP.
# All settings in full: docs/settings.md of the project.
"""


def into_bootwire_txt(settings: Settings) -> str:
    """bootwire.txt of a card: what is set, and below it what could be."""
    lines = [BOOTWIRE_TXT]
    lines += [f"{word(name, value)}\n" for name, value in settings if value]
    lines.append("\n")
    given = {name for name, value in settings if value}
    for key in keys().values():
        if key.name not in given:
            meaning = key.meaning.removesuffix("; secret").removesuffix("; several")
            lines.append(f"# {meaning}\n#{word(key.name, key.example)}\n")
    return "".join(lines)
