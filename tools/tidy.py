"""clang-tidy on what changed, and on nothing that it has found right before.

    /usr/bin/python3 tools/tidy.py [--all] BUILD RECORD

BUILD has a compile_commands.json that clang understands. RECORD is a folder of the cache: which commits have
passed, and the contents that have, each by a sum of all that goes into its verdict: the source, the headers
of the project that it includes, the flags, the .clang-tidy files and the tool itself.

What changed is what differs from the newest commit that passed, uncommitted and new files included. A changed
header is looked at through one source that includes it. Where no commit is known to have passed, on a new
machine, it is what the last commits have touched, newest first, as far as that does not take all day. --all:
every source.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = "clang-tidy-19"
NEWEST_COMMITS = 10  # that are looked at where none is known to have passed
MOST_THEN = 60  # sources: some minutes on two cores
KEPT_SECONDS = 60 * 86400  # for which a verdict that nobody asked for stays in the record
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


class Sources:
    """The sources of a compile_commands.json, each with the project's headers that it includes."""

    def __init__(self, root: Path, commands: Iterable[dict[str, str]]) -> None:
        self.root = root
        self.words: dict[Path, list[str]] = {}
        self._included: dict[tuple[Path, tuple[Path, ...]], list[Path]] = {}
        for entry in commands:
            self.words.setdefault(Path(entry["file"]).resolve(), shlex.split(entry["command"]))

    def _folders(self, source: Path) -> tuple[Path, ...]:
        return tuple(Path(word[2:]) for word in self.words[source] if word.startswith("-I"))

    def _includes(self, file: Path, folders: tuple[Path, ...]) -> list[Path]:
        if (file, folders) not in self._included:
            found = []
            for name in INCLUDE.findall(file.read_bytes()):
                places = (folder / name.decode() for folder in (file.parent, *folders))
                found += [place.resolve() for place in places if place.is_file()][:1]
            self._included[file, folders] = found
        return self._included[file, folders]

    def closure(self, source: Path) -> list[Path]:
        """The source and what it includes, in an order that is always the same."""
        folders, seen, waiting = self._folders(source), {source}, [source]
        while waiting:
            new = [file for file in self._includes(waiting.pop(), folders) if file not in seen]
            seen.update(new)
            waiting += new
        return sorted(seen)

    def sum(self, source: Path, tool: str) -> str:
        """The same where the verdict must be the same, in every checkout."""
        digest = hashlib.sha256(tool.encode())
        digest.update(" ".join(self.words[source]).replace(str(self.root), "").encode())
        settings = [folder / ".clang-tidy" for folder in source.parents if self.root in (folder, *folder.parents)]
        for file in [*(file for file in settings if file.exists()), *self.closure(source)]:
            digest.update(f"\0{os.path.relpath(file, self.root)}\0".encode() + file.read_bytes())
        return digest.hexdigest()

    def touched_by(self, changed: Iterable[Path]) -> list[Path]:
        """For each changed file the source through which it is looked at, in that order, each once."""
        chosen: dict[Path, None] = {}
        for file in changed:
            if file in self.words:
                chosen[file] = None
            elif file.suffix == ".h":
                chosen.update(dict.fromkeys(self._source_for(file)))
        return list(chosen)

    def _source_for(self, header: Path) -> list[Path]:
        own = header.with_suffix(".cpp")
        return [own] if own in self.words else [source for source in self.words if header in self.closure(source)][:1]


class History:
    """What git knows of the checkout; nothing where there is no git."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _git(self, *words: str) -> list[str]:
        command = ["git", "-C", str(self.root), *words]
        try:
            done = subprocess.run(command, text=True, capture_output=True, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            return []
        return done.stdout.splitlines() if done.returncode == 0 else []

    def _paths(self, names: list[str]) -> list[Path]:
        return [self.root / name for name in dict.fromkeys(names) if name]

    def commits(self) -> list[str]:
        """The newest first."""
        return self._git("rev-list", "--max-count=1000", "HEAD")

    def _not_committed(self) -> list[str]:
        return self._git("diff", "--name-only", "HEAD") + self._git("ls-files", "--others", "--exclude-standard")

    def clean(self) -> bool:
        return bool(self.commits()) and not self._not_committed()

    def changed_since(self, commit: str) -> list[Path]:
        return self._paths(self._not_committed() + self._git("diff", "--name-only", commit))

    def newest(self) -> list[Path]:
        log = self._git("log", f"--max-count={NEWEST_COMMITS}", "--name-only", "--format=", "HEAD")
        return self._paths(self._not_committed() + log)


class Record:
    """Which commits and which contents have passed."""

    def __init__(self, folder: Path) -> None:
        self.commits = folder / "commits"
        self.contents = folder / "contents"
        self.contents.mkdir(parents=True, exist_ok=True)
        for verdict in self.contents.iterdir():
            if time.time() - verdict.stat().st_mtime > KEPT_SECONDS:
                verdict.unlink(missing_ok=True)

    def last_passed(self, commits: list[str]) -> str | None:
        known = set(self.commits.read_text().split()) if self.commits.exists() else set()
        return next((commit for commit in commits if commit in known), None)

    def commit_passed(self, commit: str) -> None:
        if self.last_passed([commit]) is None:
            with self.commits.open("a") as file:
                file.write(f"{commit}\n")

    def has(self, content: str) -> bool:
        verdict = self.contents / content
        if verdict.exists():
            verdict.touch()  # asked for
            return True
        return False

    def content_passed(self, content: str) -> None:
        (self.contents / content).touch()


def choose(sources: Sources, history: History, record: Record) -> tuple[list[Path], str]:
    """What is looked at without --all, and in words why that."""
    if passed := record.last_passed(history.commits()):
        return sources.touched_by(history.changed_since(passed)), f"what changed since {passed[:9]}"
    return sources.touched_by(history.newest())[:MOST_THEN], "what the last commits changed"


def complaints(build: Path, source: Path) -> str:
    """What clang-tidy says; nothing if it is content."""
    words = ["nice", TOOL, "-p", str(build), "--quiet", str(source)]
    done = subprocess.run(words, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    return (done.stdout.strip() or done.stderr.strip() or f"{TOOL} failed") if done.returncode != 0 else ""


def examine(build: Path, wanted: dict[Path, str], record: Record) -> Iterator[str]:
    """The complaints about each of these sources; the sums of the others are kept."""
    said = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for number, (source, text) in enumerate(zip(wanted, pool.map(lambda file: complaints(build, file), wanted)), 1):
            if text:
                yield text
            else:
                record.content_passed(wanted[source])
            if 10 * number // len(wanted) > said:
                said = 10 * number // len(wanted)
                print(f"  {TOOL}: {number} of {len(wanted)}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("build", type=Path)
    parser.add_argument("record", type=Path)
    options = parser.parse_args()
    sources = Sources(ROOT, json.loads((options.build / "compile_commands.json").read_text()))
    history, record = History(ROOT), Record(options.record)
    chosen, why = (list(sources.words), "all of it") if options.all else choose(sources, history, record)
    tool = subprocess.run([TOOL, "--version"], text=True, capture_output=True, check=True).stdout
    sums = {source: sources.sum(source, tool) for source in chosen}
    wanted = {source: content for source, content in sums.items() if not record.has(content)}
    print(f"{TOOL}: {why}: {len(chosen)} of {len(sources.words)} sources, "
          f"{len(chosen) - len(wanted)} of which have passed before", file=sys.stderr, flush=True)
    failed = 0
    for text in examine(options.build, wanted, record):
        failed += 1
        print(text, flush=True)
    if failed:
        print(f"{TOOL}: {failed} sources are not as .clang-tidy wants them", flush=True)
    elif history.clean():
        record.commit_passed(history.commits()[0])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
