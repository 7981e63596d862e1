"""What keeps the parts of src/ apart: cmake/parts.cmake at configuration, tests/includes.py in ctest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class House:
    """A small one: base; iscsi (protocol); disk (media); session (shim), which uses iscsi."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[str] = []
        self.part("base", "base", "src/base", "", "text.h", "")
        self.part("iscsi", "protocol", "src/protocol/iscsi", "base", "pdu.h", '#include "base/text.h"\n')
        self.part("disk", "media", "src/media/disk", "", "gpt.h", "")
        self.part("session", "shim", "src/shim/session", "iscsi", "log_in.h", '#include "iscsi/pdu.h"\n')

    def part(self, name: str, group: str, folder: str, uses: str, file: str, content: str) -> None:
        (self.folder / folder).mkdir(parents=True)
        (self.folder / folder / file).write_text(content)
        (self.folder / folder / "part.cpp").write_text("")
        (self.folder / folder / "CMakeLists.txt").write_text(
            f"add_part({name} {group}{' USES ' + uses if uses else ''})\n"
        )
        self.rows.append(f"{name}|{group}|{folder}|{uses}")

    def includes(self) -> tuple[int, str]:
        parts = self.folder / "parts.txt"
        parts.write_text("".join(row + "\n" for row in self.rows))
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "includes.py", parts, self.folder], text=True, capture_output=True
        )
        return done.returncode, done.stdout

    def configure(self, order: list[str]) -> tuple[int, str]:
        (self.folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(house LANGUAGES CXX)\n"
            f"include({ROOT}/cmake/parts.cmake)\n" + "".join(f"add_subdirectory(src/{part})\n" for part in order)
        )
        done = subprocess.run(
            ["cmake", "-S", self.folder, "-B", self.folder / "build", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"],
            text=True,
            capture_output=True,
        )
        return done.returncode, " ".join(done.stderr.split())

    def words_of_compiling(self, folder: str) -> list[str]:
        """Those of the compiler's command, once it is configured."""
        for entry in json.loads((self.folder / "build" / "compile_commands.json").read_text()):
            if Path(entry["file"]) == self.folder / folder / "part.cpp":
                return entry["command"].split()
        raise AssertionError(f"{folder} is not compiled")


ORDER = ["base", "protocol/iscsi", "media/disk", "shim/session"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_house_in_order_passes(house):
    assert house.includes() == (0, "")
    assert house.configure(ORDER)[0] == 0


def test_an_include_of_a_part_that_is_not_declared_is_named(house):
    (house.folder / "src/shim/session/part.cpp").write_text('#include "base/text.h"\n')
    status, said = house.includes()
    assert status == 1
    assert said.endswith('session/part.cpp: "base/text.h", but session does not say that it uses base\n')


def test_a_declared_part_of_which_nothing_is_included_is_named(house):
    (house.folder / "src/shim/session/log_in.h").write_text("")
    status, said = house.includes()
    assert status == 1
    assert said.endswith("session says that it uses iscsi, and includes nothing of it\n")


@pytest.mark.parametrize("path", ["../disk/gpt.h", "shim/session/log_in.h", "log_in.h", "iscsi/nothing.h"])
def test_an_include_by_another_way_than_the_groups_root_is_named(house, path):
    (house.folder / "src/shim/session/part.cpp").write_text(f'  # include "{path}"\n')
    status, said = house.includes()
    assert status == 1
    assert f'"{path}" is no header of a part' in said


@pytest.mark.parametrize(
    "part, group, uses, order, why",
    [
        ("iscsi", "protocol", "disk", ["base", "media/disk", "protocol/iscsi"],
         "protocol may not use media, so not disk"),
        ("disk", "media", "iscsi", ["base", "protocol/iscsi", "media/disk"],
         "media may not use protocol, so not iscsi"),
        ("iscsi", "protocol", "session", ["base", "shim/session", "protocol/iscsi"], "protocol may not use shim"),
        ("iscsi", "protocol", "disk", ["base", "protocol/iscsi", "media/disk"], "disk is no part, or comes after it"),
        ("iscsi", "protocols", "base", ["base", "protocol/iscsi"], "there is no group protocols"),
    ],
)
def test_a_link_upwards_or_across_ends_the_configuration(house, part, group, uses, order, why):
    (house.folder / "src/shim/session/CMakeLists.txt").write_text("add_part(session shim)\n")
    folder = {"iscsi": "protocol/iscsi", "disk": "media/disk"}[part]
    (house.folder / "src" / folder / "CMakeLists.txt").write_text(f"add_part({part} {group} USES {uses})\n")
    status, said = house.configure(order)
    assert status != 0
    assert why in said


def test_one_product_may_not_use_another(house):
    house.part("volumes", "server", "src/server/volumes", "session", "volumes.h", "")
    status, said = house.configure([*ORDER, "server/volumes"])
    assert status != 0
    assert "server may not use shim, so not session" in said


def test_a_bridge_knows_nothing_but_the_initiator(house):
    house.part("dhcp", "protocol", "src/protocol/dhcp", "", "client.h", "")
    house.part("usb", "bridge", "src/bridge/usb", "dhcp", "usb.h", "")
    status, said = house.configure([*ORDER, "protocol/dhcp", "bridge/usb"])
    assert status != 0
    assert "bridge may not use dhcp" in said


def test_a_server_is_built_with_exceptions_and_a_bridge_without(house):
    house.part("volumes", "server", "src/server/volumes", "base", "volumes.h", "")
    house.part("usb", "bridge", "src/bridge/usb", "iscsi", "usb.h", "")
    assert house.configure([*ORDER, "server/volumes", "bridge/usb"])[0] == 0
    without = {"-fno-exceptions", "-fno-rtti"}
    assert not without & set(house.words_of_compiling("src/server/volumes"))
    assert without <= set(house.words_of_compiling("src/bridge/usb"))
