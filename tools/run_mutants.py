"""Which mutants the tests notice: ./bootwire test --mutants (tools/test.sh).

All happens in a copy of the sources below the cache's folder, so that an interrupt leaves nothing behind.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.mutants import KINDS, WHOLE, Mutant, chosen, mutants, read

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("CMakeLists.txt", "cmake", "src", "tests", "lab", "docs", "kernel/patches")
LIST = ROOT / "tests" / "mutants.txt"
DEFAULT = ("protocol", "media", "plan", "keeper")
# A mutant may leave a name unused, which is no reason to refuse it; it is run once, so that optimizing it takes longer
# than it saves; and the compiler cache is for what comes again.
LAUNCHER = """#!/bin/sh
if [ -n "${MUTANT:-}" ]; then exec "$@" -w -O0 -g0; else exec ccache "$@"; fi
"""
EACH = 20  # mutants of a part, on average
MEMORY = 4 << 30  # of a program under test: a mutant may fill an endless list


class MutantsError(Exception):
    """One line for the person who started it."""


@dataclass(frozen=True)
class Part:
    name: str
    group: str
    folder: str
    uses: tuple[str, ...]


@dataclass
class Program:
    target: str
    command: list[str]
    limit: float = 600  # seconds


def same_tree(root: Path, copy: Path) -> None:
    """Makes copy what root is; what is the same keeps its time, so that nothing is built again for it."""

    def files(of: Path) -> set[Path]:
        found = (path for name in COPIED for path in ((of / name).rglob("*") if (of / name).is_dir() else [of / name]))
        return {path.relative_to(of) for path in found if path.is_file() and "__pycache__" not in path.parts}

    wanted = files(root)
    for file in files(copy) - wanted:
        (copy / file).unlink()
    for file in wanted:
        there = copy / file
        if not there.is_file() or there.read_bytes() != (root / file).read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / file, there)


def run(command: list[str], limit: float, folder: Path, environment: Mapping[str, str], log: Path) -> bool:
    """Whether it has ended well within so many seconds; all that it has started ends with it."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )
    try:
        return child.wait(limit) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


class Copy:
    """The copy of the sources, and its build as GCC makes it."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "mutants"
        self.folder.mkdir(exist_ok=True)
        self.lock = (self.folder / ".lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MutantsError(f"mutants are being run already in {self.folder}") from None
        self.sources = self.folder / "sources"
        self.build = self.sources / "build" / "host"
        self.log = self.folder / "log"
        # Paths as they are in a checkout: ccache then knows what a checkout has compiled.
        self.environment = {**os.environ, "CCACHE_BASEDIR": str(self.sources)}
        same_tree(ROOT, self.sources)
        launcher = self.folder / "compile"
        launcher.write_text(LAUNCHER)
        launcher.chmod(0o755)
        if not self.run(["cmake", "-S", str(self.sources), "-B", str(self.build), "-G", "Ninja",
                         f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}"]):
            raise MutantsError(f"cmake failed: {self.log}")
        lines = (self.build / "parts.txt").read_text().splitlines()
        parts = [Part(name, group, folder, tuple(uses.split())) for name, group, folder, uses in
                 (line.split("|") for line in lines)]
        self.parts = {part.name: part for part in parts}

    def run(self, command: list[str], more: Mapping[str, str] = {}, limit: float = 600) -> bool:
        folder = self.build if self.build.is_dir() else self.sources
        return run(command, limit, folder, {**self.environment, **more}, self.log)

    def make(self, *targets: str, mutant: bool = False) -> bool:
        return self.run(["ninja", *targets], {"MUTANT": "yes"} if mutant else {})

    def passes(self, program: Program, whole: bool = False) -> bool:
        """whole: what follows the first failure is run as well."""
        scratch = self.folder / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        more = {"TMPDIR": str(scratch), "GTEST_FAIL_FAST": "0" if whole else "1"}
        return self.run(program.command, more, program.limit)

    def programs(self, part: Part) -> list[Program]:
        """Its own tests first; then what names it in tests/*.cmake, and tests of its group's parts that use it, but
        for products: there nearly all use nearly all."""
        users = {name for name, user in self.parts.items() if part.name in user.uses and user.group == part.group
                 and part.group in ("protocol", "media")}
        units, fuzzers = [], []
        for file in sorted((self.sources / "tests").glob("*.cmake")):
            for what, name, libraries in re.findall(r"add_(unit_test|fuzz_target)\((\w+) ([^)]*)\)", file.read_text()):
                if what == "unit_test" and (part.name in libraries.split() or name in users):
                    units.append(name)
                elif what == "fuzz_target" and part.name in libraries.split():
                    fuzzers.append(name)
        units.sort(key=lambda name: name != part.name)
        corpus = self.sources / "tests" / "fuzz" / "corpus"
        return [Program(f"test_{name}", [f"{self.build}/tests/test_{name}"]) for name in units] + \
               [Program(f"fuzz_{name}", [f"{self.build}/tests/fuzz_{name}", str(corpus / name)]) for name in fuzzers]


class Score:
    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()

    def count(self, names: Iterable[str], killed: bool) -> None:
        for name in names:
            self.made[name] += 1
            self.killed[name] += killed

    def line(self, names: Iterable[str]) -> str:
        return ", ".join(f"{name} {self.killed[name]} of {self.made[name]}" for name in names if self.made[name])


def survives(copy: Copy, part: Part, programs: list[Program], mutant: Mutant) -> bool | None:
    """None: it does not compile."""
    file = copy.sources / mutant.file
    source = file.read_text()
    try:
        file.write_text(mutant.of(source))
        if not copy.make(part.name, mutant=True):
            return None
        return all(copy.make(program.target) and copy.passes(program) for program in programs)
    finally:
        file.write_text(source)


def possible(copy: Copy, part: Part, options: argparse.Namespace) -> list[Mutant]:
    files = [str(file.relative_to(copy.sources)) for file in sorted((copy.sources / part.folder).glob("*.cpp"))]
    every = [mutant for file in files if (file, WHOLE) not in options.known
             for mutant in mutants(file, (copy.sources / file).read_text())]
    return [mutant for mutant in every if options.only in f"{mutant.file}:{mutant.line}: {mutant.change}"]


def shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Of so many, each one's in proportion to its size, and one at least."""
    whole = max(sum(sizes.values()), 1)
    return {name: max(round(count * size / whole), 1) for name, size in sizes.items()}


def said_of(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def of_part(copy: Copy, part: Part, picked: list[Mutant], options: argparse.Namespace, score: Score,
            survivors: list[Mutant]) -> None:
    programs = copy.programs(part)
    if not programs:
        raise MutantsError(f"no test in tests/*.cmake names {part.name}")
    if not copy.make(*(program.target for program in programs)):
        raise MutantsError(f"{part.name} does not compile: {copy.log}")
    for program in programs:
        began = time.monotonic()
        if not copy.passes(program, whole=True):
            raise MutantsError(f"{program.target} fails without any mutant: {copy.log}")
        program.limit = 10 + 10 * (time.monotonic() - began)
    before = len(survivors)
    for number, mutant in enumerate(picked, 1):
        if number > 1 and mutant.file != picked[number - 2].file:
            copy.make(part.name)  # as it was: the compiler cache knows it
        outcome = survives(copy, part, programs, mutant)
        if outcome is not None:
            score.count({part.name, part.group, mutant.kind, "mutants"}, not outcome)
        if outcome:
            survivors.append(mutant)
            names = ", ".join(program.target for program in programs)
            reason = options.known.get((mutant.file, mutant.change))
            print(f"{mutant.file}:{mutant.line}: {mutant.change} ({names} pass{'' if len(programs) > 1 else 'es'})"
                  f"{'; may be: ' + reason if reason else ''}", flush=True)
        if 10 * number // len(picked) > 10 * (number - 1) // len(picked):
            said_of(f"  {part.name}: {number} of {len(picked)}, {len(survivors) - before} survive")


def named(parts: Mapping[str, Part], words: Iterable[str]) -> list[Part]:
    found: dict[str, Part] = {}
    for word in words:
        those = [part for part in parts.values() if word in (part.name, part.group)]
        if not those:
            raise MutantsError(f"there is no part or group {word}; parts: {' '.join(parts)}")
        found.update((part.name, part) for part in those)
    return list(found.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bootwire test --mutants")
    parser.add_argument("parts", nargs="*", metavar="PART", help="a part, or a group of them; without: all parts of "
                        "protocol and media, plan and keeper")
    parser.add_argument("--seed", type=int, default=1, help="another one picks others (default 1)")
    parser.add_argument("--count", type=int, help="so many of all parts together, of each in proportion to what can be "
                        f"made of it (default {EACH} times as many as parts)")
    parser.add_argument("--only", default="", metavar="TEXT", help="of those whose file:line: before → after has TEXT")
    options = parser.parse_args()
    options.known = read(LIST.read_text())
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started ends as well
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    score = Score()
    survivors: list[Mutant] = []
    parts: list[Part] = []
    ended = 0
    try:
        copy = Copy(Path(os.environ["BOOTWIRE_CACHE"]))
        parts = named(copy.parts, options.parts or DEFAULT)
        among = {part.name: possible(copy, part, options) for part in parts}
        share = shares({name: len(those) for name, those in among.items()}, options.count or EACH * len(parts))
        for part in parts:
            picked = chosen(among[part.name], f"{options.seed} {part.name}", share[part.name])
            of_part(copy, part, picked, options, score, survivors)
    except MutantsError as error:
        said_of(f"bootwire: {error}")
        return 1
    except KeyboardInterrupt:
        ended = 130  # what is known so far is told
    new = [mutant for mutant in survivors if (mutant.file, mutant.change) not in options.known]
    print(score.line(part.name for part in parts))
    print(score.line(dict.fromkeys(part.group for part in parts)))
    print(score.line(KINDS))
    made, killed = score.made["mutants"], score.killed["mutants"]
    print(f"mutants: {killed} of {made} killed ({100 * killed // max(made, 1)} %), {len(survivors) - len(new)} "
          f"survivors are in tests/mutants.txt, {len(new)} are not (seed {options.seed})")
    return ended or int(bool(new))


if __name__ == "__main__":
    sys.exit(main())
