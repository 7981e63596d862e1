"""tools/tidy.py: which sources clang-tidy has to look at. clang-tidy itself is not needed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.tidy import History, Record, Sources, choose  # noqa: E402

FILES = {
    ".clang-tidy": "Checks: x\n",
    "src/base/text.h": "int trim();\n",
    "src/base/text.cpp": '#include "base/text.h"\n',
    "src/wire/pdu.h": '#include "base/text.h"\n',
    "src/wire/pdu.cpp": '#include <vector>\n#include "wire/pdu.h"\n',
    "src/wire/only.h": "int only();\n",
    "src/wire/frame.cpp": '#include "only.h"\n',
}


class Checkout:
    """A repository with those files, and the commands that compile them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self.git("init", "-q")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=lab", "-c", "user.email=lab@lab")
        return subprocess.run(["git", "-C", self.root, *who, *words], check=True, text=True, capture_output=True).stdout

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")
        return self.git("rev-parse", "HEAD").strip()

    def edit(self, name: str) -> None:
        with (self.root / name).open("a") as file:
            file.write("// changed\n")

    def sources(self) -> Sources:
        return Sources(self.root, [
            {"file": str(self.root / name), "command": f"clang++ -I{self.root}/src -c {self.root}/{name}"}
            for name in FILES if name.endswith(".cpp")
        ])

    def sums(self) -> dict[str, str]:
        sources = self.sources()
        return {source.name: sources.sum(source, "version 1") for source in sources.words}


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def chosen(checkout, tmp_path):
    """chosen(commit…): the names of what is looked at when those commits have passed."""

    def look(*passed: str) -> list[str]:
        record = Record(tmp_path / "record")
        for commit in passed:
            record.commit_passed(commit)
        return sorted(source.name for source in choose(checkout.sources(), History(checkout.root), record)[0])

    return look


def test_what_changed_since_the_last_commit_that_passed_is_looked_at(checkout, chosen):
    first = checkout.commit()
    checkout.edit("src/base/text.cpp")
    second = checkout.commit()
    checkout.edit("src/wire/pdu.cpp")
    checkout.commit()
    assert chosen(first) == ["pdu.cpp", "text.cpp"]
    assert chosen(second) == ["pdu.cpp"]


def test_what_is_not_committed_is_looked_at_too(checkout, chosen):
    (checkout.root / "src/wire/frame.cpp").unlink()
    passed = checkout.commit()
    (checkout.root / "src/wire/frame.cpp").write_text(FILES["src/wire/frame.cpp"])
    checkout.edit("src/wire/pdu.cpp")
    assert chosen(passed) == ["frame.cpp", "pdu.cpp"]


def test_a_header_is_looked_at_through_its_own_source_or_one_that_includes_it(checkout, chosen):
    passed = checkout.commit()
    checkout.edit("src/base/text.h")
    checkout.edit("src/wire/only.h")
    assert chosen(passed) == ["frame.cpp", "text.cpp"]


def test_a_machine_that_knows_nothing_looks_at_the_last_commits(checkout, chosen):
    for _ in range(12):
        checkout.edit("README")
        checkout.commit()
    checkout.edit("src/wire/pdu.cpp")
    checkout.commit()
    assert chosen() == ["pdu.cpp"]
    assert chosen("a commit of somebody else's") == ["pdu.cpp"]


def test_without_git_nothing_is_known_to_have_changed(tmp_path):
    checkout = Checkout(tmp_path / "archive")
    subprocess.run(["rm", "-rf", checkout.root / ".git"], check=True)
    record = Record(tmp_path / "record")
    assert choose(checkout.sources(), History(checkout.root), record)[0] == []


def test_the_same_content_is_known_again_in_another_checkout(checkout, tmp_path):
    assert checkout.sums() == Checkout(tmp_path / "elsewhere").sums()


@pytest.mark.parametrize(("name", "touched"), [
    ("src/base/text.h", {"text.cpp", "pdu.cpp"}), ("src/wire/frame.cpp", {"frame.cpp"}),
    (".clang-tidy", {"text.cpp", "pdu.cpp", "frame.cpp"}), ("README", set()),
])
def test_whatever_goes_into_a_verdict_makes_it_another_one(checkout, name, touched):
    before = checkout.sums()
    checkout.edit(name)
    after = checkout.sums()
    assert {source for source in before if after[source] != before[source]} == touched
