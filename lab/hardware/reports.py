"""What somebody has seen on a real board: files that `bootwirectl hardware-report` wrote, in reports/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.hardware.boards import ABILITIES
from lab.hardware.errors import HardwareError
from lab.hardware.fdt import Tree

REPORTS = Path(__file__).resolve().parent / "reports"
TITLE = "bootwire hardware report 1"
MOST_BYTES = 256 << 10


@dataclass(frozen=True)
class Report:
    name: str
    values: dict[str, str]

    def about(self, tree: Tree) -> bool:
        """Boards are told apart by the first string of the root's compatible, steppings by the pins' node."""
        said = self.values.get("compatible", "").split()
        return said[:1] == tree.root.texts("compatible")[:1] and self._second_stepping() == second_stepping(tree)

    def _second_stepping(self) -> bool:
        return "brcm,bcm2712d0-pinctrl" in self.values.get("device", "")

    def ability(self, name: str) -> str:
        return self.values.get(f"ability {name}", "")


def second_stepping(tree: Tree) -> bool:
    return any("brcm,bcm2712d0-pinctrl" in node.texts("compatible") for node in tree.root.walk())


def parse(name: str, text: str) -> Report:
    if len(text) > MOST_BYTES:
        raise HardwareError(f"{name} has more than {MOST_BYTES} bytes")
    title, *lines = text.splitlines() or [""]
    if title != TITLE:
        raise HardwareError(f"{name} does not begin with '{TITLE}': is it what bootwirectl hardware-report wrote?")
    values: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(": ")
        if colon and not line.startswith("#"):
            values[key] = f"{values[key]}\n{value}" if key in values else value
    missing = [key for key in ("compatible", *(f"ability {each}" for each in ABILITIES)) if key not in values]
    if missing:
        raise HardwareError(f"{name} is not whole: it does not say '{missing[0]}'")
    return Report(name, values)


def read_all(folder: Path = REPORTS) -> list[Report]:
    return [parse(file.name, file.read_text("utf-8", "replace")) for file in sorted(folder.glob("*.txt"))]
