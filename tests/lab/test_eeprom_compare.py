"""./bootwire eeprom beside rpi-eeprom-config, which is the measure: the same input gives the same bytes.

BOOTWIRE_EEPROM_IMAGES names a folder with a copy of Raspberry Pi's rpi-eeprom repository, or at least with its
script rpi-eeprom-config and images (pieeprom*.bin, wherever they are below it)."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from eeprom_image import SHAPES, TEXT, image_2711

from tools.card import download, locked

PROGRAM = os.environ.get("BOOTWIRE_EEPROM", "")
FOLDER = os.environ.get("BOOTWIRE_EEPROM_IMAGES", "")
pytestmark = pytest.mark.skipif(not (PROGRAM and FOLDER), reason="BOOTWIRE_EEPROM_IMAGES names no folder of images")

TEXTS = {
    "empty": b"",
    "one line": b"BOOT_ORDER=0xf21\n",
    "no line end": b"[all]\nBOOT_ORDER=0xf21",
    "carriage returns": b"[all]\r\nBOOT_ORDER=0xf21\r\n",
    "config.txt": TEXT + b"[config.txt]\ndtoverlay=x\n",
    **{f"{size} bytes": b"#" * size for size in (7, 8, 9, 15, 16, 17, 1024, 4070, 4076)},
}
TOO_LONG = b"#" * 4077


def images() -> list[Path]:
    """Each content once."""
    found: dict[bytes, Path] = {}
    for file in sorted(Path(FOLDER).rglob("pieeprom*.bin")):
        if file.stat().st_size > 1000:  # what git has as a link may have become a file with a path in it
            found.setdefault(hashlib.sha256(file.read_bytes()).digest(), file)
    return list(found.values())


@cache
def rpi_eeprom_config() -> ModuleType:
    loader = SourceFileLoader("rpi_eeprom_config", str(Path(FOLDER) / "rpi-eeprom-config"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def theirs(image: Path, out: Path, config: Path) -> bytes | None:
    """What `rpi-eeprom-config --config CONFIG --timestamp 1790000000 --out OUT IMAGE` writes; None if it refuses."""
    try:
        changed = rpi_eeprom_config().BootloaderImage(str(image), str(out))
        changed.set_timestamp("1790000000")
        changed.update_file(str(config), "bootconf.txt")
    except Exception:  # it raises nothing else
        return None
    changed.write()
    return out.read_bytes()


def ours(image: Path, out: Path, *words: str | Path) -> bytes | None:
    out.unlink(missing_ok=True)
    done = subprocess.run([PROGRAM, "edit", image, "--out", out, *words], text=True, capture_output=True)
    assert done.returncode == 0 or done.stderr.startswith("bootwire: "), done.stderr
    return out.read_bytes() if done.returncode == 0 else None


def read(image: Path) -> bytes:
    return bytes(rpi_eeprom_config().BootloaderImage(str(image)).get_file("bootconf.txt"))


def is_signed(image: Path) -> bool:
    return "signed         by an owner" in subprocess.run(
        [PROGRAM, "show", image], text=True, capture_output=True, check=True
    ).stdout


def compare(image: Path, folder: Path, texts: dict[str, bytes]) -> None:
    config = folder / "bootconf.txt"
    for name, text in texts.items():
        config.write_bytes(text)
        expected = theirs(image, folder / "theirs", config)
        written = ours(image, folder / "ours", "--config", config, "--timestamp", "1790000000")
        assert written == expected, f"{image}: {name}"
        if expected is not None:
            assert read(folder / "ours") == text


@pytest.mark.parametrize("shape", list(SHAPES))
def test_an_image_of_our_own_shape_is_changed_alike(shape, tmp_path):
    image = tmp_path / "image"
    image.write_bytes(SHAPES[shape]())
    compare(image, tmp_path, {**TEXTS, "too long": TOO_LONG})


def test_where_the_room_ends_before_the_bootloaders_own_page_four_bytes_less_are_taken(tmp_path):
    image, config = tmp_path / "image", tmp_path / "bootconf.txt"
    image.write_bytes(image_2711(offset=0x7EA00))
    compare(image, tmp_path, {"as much as there is room for": b"#" * 1512, "too long for both": b"#" * 1517})
    for size in range(1513, 1517):  # rpi-eeprom-config writes the end of it into the last page
        config.write_bytes(b"#" * size)
        written = theirs(image, tmp_path / "theirs", config)
        assert written is not None and written[-4096] != 0xFF
        assert ours(image, tmp_path / "ours", "--config", config) is None


@pytest.mark.parametrize("image", images() if FOLDER else [Path("none")], ids=str)
def test_a_published_image_is_whole_and_changed_alike(image, tmp_path):
    verified = subprocess.run([PROGRAM, "verify", image], text=True, capture_output=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    if is_signed(image):
        assert ours(image, tmp_path / "ours", "--set", "BOOT_ORDER=0xf21") is None
        return
    few = {name: TEXTS[name] for name in ("empty", "17 bytes", "1024 bytes")}
    compare(image, tmp_path, few | {"too long": TOO_LONG})
    # Its own configuration once more is the same image.
    (tmp_path / "bootconf.txt").write_bytes(read(image))
    assert ours(image, tmp_path / "ours", "--config", tmp_path / "bootconf.txt") == image.read_bytes()


def test_what_docs_show_of_an_image_is_what_it_says(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "eeprom.md").read_text()
    (block,) = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\$ ./bootwire eeprom (.*)\n((?:(?!\$ ).*\n)+)", block, re.MULTILINE)
    assert [words.split()[0] for words, _ in commands] == ["show", "edit"]
    name = commands[0][0].split()[1]
    shutil.copyfile(next(Path(FOLDER).rglob(f"default/{name}")), tmp_path / name)
    for words, shown in commands:
        done = subprocess.run([PROGRAM, *words.split()], cwd=tmp_path, text=True, capture_output=True)
        assert (done.stdout + done.stderr).startswith(shown.removesuffix("…\n"))


def test_what_is_locked_for_cards_is_what_that_copy_has_by_the_same_name():
    of = locked.release()
    there = [file for file in of.files if (Path(FOLDER) / file.path).is_file()]
    if len(there) < len(of.files):
        pytest.skip(f"BOOTWIRE_EEPROM_IMAGES is of another commit than {of.commit}")
    for file in there:
        assert download.matches((Path(FOLDER) / file.path).read_bytes(), of.wanted(file)), file.path
