"""What README.md and docs/ refer to is there: other pages and their sections, and settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
