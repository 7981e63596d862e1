"""./bootwire tftp: a TFTP server's folder."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.card import content, settings, tree
from tools.card.errors import CardError
from tools.card.options import Parser, add_sources, refuse_otp, say, sources

Group = tuple[str, list[str]]  # a Pi's folder, "" for the root; --set's words


def folder_of(pi: str) -> str:
    """The folder that a Pi asks in: its serial number's last eight digits (TFTP_PREFIX=0, the default, and
    a Pi 3), or its MAC address (TFTP_PREFIX=2)."""
    name = pi.lower()
    if re.fullmatch(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}", name):
        return name.replace(":", "-")
    digits = name.removeprefix("0x")
    if re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{16}", digits):
        return digits[-8:]
    raise CardError(f"'{pi}' is neither a serial number (8 or 16 hexadecimal digits, on the Pi: "
                    "tail -n 3 /proc/cpuinfo) nor a MAC address")


class _Grouped(argparse.Action):
    """--set counts for the --pi before it."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace,
                 values: str | Sequence[Any] | None, option_string: str | None = None) -> None:
        groups: list[Group] = namespace.groups
        if self.dest == "pi":
            groups.append((folder_of(str(values)), []))
        else:
            groups[-1][1].append(str(values))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser("tftp")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--pi", action=_Grouped, metavar="SERIAL|MAC")
    parser.add_argument("--set", action=_Grouped, metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--replace", action="store_true")
    refuse_otp(parser, "every Pi on the network reads these files, and what can't be undone is done board by board")
    add_sources(parser)
    parser.set_defaults(groups=[("", [])])
    return parser.parse_args(arguments, argparse.Namespace(groups=[("", [])]))


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    said = settings.parse(given.groups[0][1])
    pis: dict[str, settings.Settings] = {}
    for name, words in given.groups[1:]:
        pis[name] = settings.parse([*(f"{key}={value}" for key, value in pis.get(name, [])), *words])
    found = content.collect(sources(given))
    made = tree.update(given.folder, found, said, pis, given.replace)
    folders = len(made.state.pis)
    say(f"{given.folder}: {len(found)} files" + (f"; Pis with a folder of their own: {folders}" if folders else ""))
    for name in made.kept:
        say(f"{given.folder / name} was changed here and is kept as it is (--replace takes ours)")
    if any(settings.has_secret(one) for one in (said, *pis.values())):
        say("cmdline.txt has a secret now: its mode is 0640, and the TFTP server has to be in the group of that file. "
            "TFTP gives it to whoever asks for it on the network (docs/servers.md)")
    return 0
