"""Ours, Debian's, and what kernel/left-out says of the difference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.kernel_options import reasons
from lab.kernel_options.config import read_config

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ROOT / "kernel" / "left-out"
RULES = ROOT / "kernel" / "left-out.rules"
README = ROOT / "kernel" / "README.md"


@dataclass(frozen=True)
class Comparison:
    ours: dict[str, str]
    debian: dict[str, str]  # all of its configurations, each symbol once

    @classmethod
    def of_build(cls, out: Path) -> Comparison:
        """out: what kernel/build.sh has made: kernel.config, debian-*.config."""
        debian: dict[str, str] = {}
        for path in sorted(out.glob("debian-*.config")):
            debian |= read_config(path)
        return cls(read_config(out / "kernel.config"), debian)

    def missing(self) -> set[str]:
        """What Debian's kernels have, be it as a module, and ours has in no way."""
        return set(self.debian) - set(self.ours)

    def findings(self, said: list[reasons.Reason]) -> list[str]:
        """What is wrong with kernel/left-out, a line each."""
        listed = [name for reason in said for name in reason.entries]
        missing = self.missing()
        found = [f"{name} is in Debian's kernel and not in ours, and kernel/left-out does not say why"
                 for name in sorted(missing - set(listed))]
        for name in sorted(set(listed) - missing):
            where = "in our kernel" if name in self.ours else "in none of Debian's"
            found.append(f"{name} is in kernel/left-out, and {where}")
        found += [f"{name} is in kernel/left-out twice" for name in sorted({n for n in listed if listed.count(n) > 1})]
        return found
