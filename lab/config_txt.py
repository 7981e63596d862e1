"""config.txt as the firmware reads it, as far as bootwire uses it.

Filters of one kind replace each other, filters of different kinds must all hold, and [all]
drops them: https://www.raspberrypi.com/documentation/computers/config_txt.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MODELS = {"pi0", "pi0w", "pi02", "pi1", "pi2", "pi3", "pi3+", "pi4", "pi400", "pi5", "pi500",
          "cm0", "cm1", "cm3", "cm3+", "cm4", "cm4s", "cm5", "virt"}
MAX_LINE = 98  # the firmware ignores the rest of a line


@dataclass
class Config:
    settings: dict[str, str] = field(default_factory=dict)
    overlays: list[tuple[str, list[str]]] = field(default_factory=list)  # name, parameters
    initramfs: str = ""
    warnings: list[str] = field(default_factory=list)

    def get(self, key: str, default: str = "") -> str:
        return self.settings.get(key, default)

    def flag(self, key: str, default: bool = False) -> bool:
        return self.settings.get(key, "1" if default else "0").strip() not in ("0", "")


def board_type(number: int) -> str:
    """The filter that one product alone answers to: number is the type in its revision code."""
    return f"board-type=0x{number:02x}"


class _Filters:
    """Which sections apply on this board."""

    def __init__(self, models: tuple[str, ...], serial: str) -> None:
        self.models = models
        self.serial = int(serial, 16)
        self.state: dict[str, bool] = {}

    def section(self, name: str) -> None:
        name = name.strip().lower()
        if name == "all":
            self.state.clear()
        elif name == "none":
            self.state["none"] = False
        elif name in MODELS:
            self.state["model"] = name in self.models
        elif match := re.fullmatch(r"board-type=(0x[0-9a-f]+|[0-9]+)", name):
            self.state["model"] = board_type(int(match[1], 0)) in self.models
        elif re.fullmatch(r"0x[0-9a-f]+", name):
            self.state["serial"] = int(name, 16) & 0xFFFFFFFF == self.serial & 0xFFFFFFFF
        else:
            self.state["other"] = False  # tryboot, gpio, EDID: never so on the virtual Pi

    @property
    def apply(self) -> bool:
        return all(self.state.values())


def _take(config: Config, line: str) -> None:
    words = line.split()
    if words[0] == "initramfs":  # the one setting written without an equals sign
        config.initramfs = words[1] if len(words) > 1 else ""
        return
    key, equals, value = line.partition("=")
    key, value = key.strip(), value.strip()
    if not equals:
        config.warnings.append(f"no setting: {line}")
    elif key == "dtoverlay":
        name, *parameters = value.split(",")
        if name:
            config.overlays.append((name, parameters))
    elif key == "dtparam" and config.overlays:
        config.overlays[-1][1].extend(value.split(","))
    elif key in ("ramfsfile",):
        config.initramfs = value
    else:
        config.settings[key] = value


def parse(
    text: str, models: tuple[str, ...], serial: str, include: Callable[[str], str | None] | None = None
) -> Config:
    """include: returns another file's text for `include FILE`, None where there is none."""
    config = Config()
    filters = _Filters(models, serial)

    def read(part: str, depth: int) -> None:
        for raw in part.splitlines():
            line = raw.split("#", 1)[0].strip() if raw.lstrip().startswith("#") else raw.strip()
            if len(line) > MAX_LINE:
                config.warnings.append(f"longer than {MAX_LINE} characters, cut: {line[:40]}…")
                line = line[:MAX_LINE]
            if not line:
                continue
            if line.startswith("[") and line.endswith("]"):
                filters.section(line[1:-1])
            elif not filters.apply:
                continue
            elif line.startswith("include ") and include and depth < 4:
                read(include(line.split(None, 1)[1]) or "", depth + 1)
            else:
                _take(config, line)

    read(text, 0)
    return config
