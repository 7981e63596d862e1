"""What README.md and docs/ refer to is there: other pages and their sections, and settings."""

from __future__ import annotations

import re
import shutil
from itertools import groupby
from pathlib import Path

import pytest

from lab.boards import REAL
from lab.firmware import CardSource, Firmware
from tools.card import content

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """As forges make them from headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lost_links(page: Path) -> list[str]:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    return lost


def unknown_settings(text: str, table: str) -> set[str]:
    known = set(re.findall(r"^\| `([\w.]+)=`", table, re.MULTILINE))
    return set(re.findall(r"(?<![\w.])((?:iscsi|bootwire)\.[\w.]+)=", text)) - known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    assert lost_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_a_page_names_are_those_of_the_table(page):
    assert unknown_settings(page.read_text(), (ROOT / "docs" / "settings.md").read_text()) == set()


def test_a_lost_link_and_an_unknown_setting_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# The head\n[a](#the-head) [b](#the-foot) [c](other.md) [d](https://example.org/x)\n")
    assert lost_links(page) == ["#the-foot", "other.md"]
    assert unknown_settings("`iscsi.lun=1` rd.iscsi.username=x `iscsi.lan=1`", "| `iscsi.lun=` | x |") == {"iscsi.lan"}


def column_of_files(page: str, number: int) -> list[str]:
    """What the table says that a board asks for and gets, in its order; what is "not found" is in italics there."""
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| \d\. ", line)]
    names = [name for row in rows for name in re.findall(r"`([^`]+)`", row[number])]
    return [name.removeprefix("SERIAL/").lstrip("/") for name in names if name != "SERIAL/"]


def without_repeats(names: list[str]) -> list[str]:
    return [name for name, _ in groupby(names)]


@pytest.mark.parametrize("board, number", [("3B", 1), ("4B", 2), ("5 (D0)", 3)])
def test_the_files_that_a_pi_asks_for_are_those_of_the_table_in_its_order(shared_card_sources, tmp_path, board, number):
    for name, file in content.collect(shared_card_sources).items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(file, Path):
            shutil.copyfile(file, tmp_path / "root" / name)
    boot = Firmware(REAL[board], "10000000a0770042", CardSource(tmp_path / "root"), tmp_path / "fetched").run()
    asked = without_repeats([request.path.removeprefix("a0770042/") for request in boot.requests])
    table = without_repeats(column_of_files((ROOT / "docs" / "troubleshooting.md").read_text(), number))
    rest = iter(asked)
    assert all(name in rest for name in table), (table, asked)
    assert {request.path for request in boot.requests if request.size >= 0} <= set(table)


def test_what_docs_show_of_the_cards_readme_stands_in_it():
    shown = re.findall(r"^```text\n(.*?)^```$", (ROOT / "docs" / "card.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    for text in shown:
        assert text in (ROOT / "image" / "README.txt").read_text()
