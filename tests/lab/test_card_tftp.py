"""./bootwire tftp: a server's folder that is renewed while Pis read from it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from tools.card import content, settings, tftp, tree
from tools.card.errors import CardError

ROOT = Path(__file__).resolve().parents[2]
CONSOLES = "console=tty1 console=ttyAMA10,115200 console=ttyS1,115200 quiet"
PI = "a0770042"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "srv" / "tftp"


def renew(sources: content.Sources, root: Path, *words: str, replace: bool = False) -> tree.Tree:
    """words: as on the command line."""
    groups = tftp.parse([str(root), *words]).groups
    pis = {name: settings.parse(said) for name, said in groups[1:]}
    return tree.update(root, content.collect(sources), settings.parse(groups[0][1]), pis, replace)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def there(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_every_file_of_the_table_is_there_and_readable_to_any_server(card_sources, root):
    old = os.umask(0o077)
    try:
        renew(card_sources, root)
    finally:
        os.umask(old)
    for item in content.TABLE:
        if not item.optional:
            source = card_sources.folder(item.origin) / item.source
            assert (root / item.name).read_bytes() == source.read_bytes()
            assert mode(root / item.name) == 0o644 and mode((root / item.name).parent) == 0o755
    assert (root / "licences" / "SOURCES.txt").is_file() and not (root / "bootwire.txt").exists()


def test_a_second_run_changes_no_file(card_sources, root):
    def stamps() -> dict[str, tuple[int, int]]:
        return {name: ((root / name).stat().st_ino, (root / name).stat().st_mtime_ns)
                for name in there(root) if name != ".bootwire"}

    renew(card_sources, root, "--pi", PI)
    before = stamps()
    renew(card_sources, root)
    assert stamps() == before


def test_settings_of_all_and_of_one_pi_go_where_they_belong(card_sources, root):
    renew(card_sources, root, "--set", "iscsi.ip=10.0.0.1", "--pi", "10000000A0770042", "--set", "iscsi.target=iqn.x:a",
          "--pi", "DC:A6:32:01:02:03", "--set", "iscsi.ip=10.0.0.2", "--set", "iscsi.ip=10.0.0.3")
    assert (root / "cmdline.txt").read_text() == f"{CONSOLES} iscsi.ip=10.0.0.1\n"
    assert (root / PI / "cmdline.txt").read_text() == f"{CONSOLES} iscsi.ip=10.0.0.1 iscsi.target=iqn.x:a\n"
    assert (root / "dc-a6-32-01-02-03" / "cmdline.txt").read_text() == (
        f"{CONSOLES} iscsi.ip=10.0.0.2 iscsi.ip=10.0.0.3\n")


def test_a_pis_folder_has_all_files_and_costs_no_room(card_sources, root):
    renew(card_sources, root, "--pi", PI)
    assert set(there(root / PI)) == set(there(root)) - {name for name in there(root) if name.startswith((PI, "."))}
    assert (root / PI / "Image.gz").samefile(root / "Image.gz")
    assert not (root / PI / "config.txt").samefile(root / "config.txt")


def test_a_new_build_reaches_the_folders_of_all_pis_and_leaves_their_settings(card_sources, root):
    renew(card_sources, root, "--pi", PI, "--set", "iscsi.lun=1")
    (root / "cmdline.txt").write_text(f"{CONSOLES} usbcore.quirks=1:2:k iscsi.ip=10.0.0.1\n")  # by hand
    (card_sources.build / "Image.gz").write_bytes(b"newer")
    made = renew(card_sources, root, "--set", "iscsi.ip=10.0.0.9")
    assert made.state.pis == [PI]
    assert (root / PI / "Image.gz").read_bytes() == (root / "Image.gz").read_bytes() == b"newer"
    assert (root / PI / "cmdline.txt").read_text() == f"{CONSOLES} iscsi.lun=1\n"
    assert (root / "cmdline.txt").read_text() == f"{CONSOLES} usbcore.quirks=1:2:k iscsi.ip=10.0.0.9\n"
    renew(card_sources, root, "--set", "iscsi.ip=", "--pi", PI, "--set", "iscsi.lun=2")
    assert (root / "cmdline.txt").read_text() == f"{CONSOLES} usbcore.quirks=1:2:k\n"
    assert (root / PI / "cmdline.txt").read_text() == f"{CONSOLES} iscsi.lun=2\n"


def test_who_reads_during_an_update_gets_the_old_file_or_the_new_one_and_never_half(card_sources, root):
    contents = [bytes([letter]) * 3_000_000 for letter in b"AB"]
    image = card_sources.build / "Image.gz"
    image.write_bytes(contents[0])
    renew(card_sources, root, "--pi", PI)
    done = threading.Event()
    odd: list[str] = []
    reads = 0

    def read() -> None:
        nonlocal reads
        while not done.is_set():
            for path in (root / "Image.gz", root / PI / "Image.gz"):
                with path.open("rb") as file:  # as a server does: by name, then block by block
                    start = file.read(1000)
                    got = start + file.read()
                reads += 1
                if got not in contents:
                    odd.append(f"{path}: {len(got)} bytes, {set(got)}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(8):
            image.write_bytes(contents[number % 2])
            renew(card_sources, root)
    finally:
        done.set()
        reader.join()
    assert not odd and reads > 8


def test_a_pi_that_finds_one_file_in_its_folder_finds_all(card_sources, root, monkeypatch):
    """A snapshot after each step of making it."""
    renew(card_sources, root)
    wanted = {name for name in there(root) if not name.startswith(".")}
    seen = []

    def look(real):
        def stepped(*words, **named):
            if (root / PI).exists():
                seen.append(set(there(root / PI)) == wanted)
            return real(*words, **named)
        return stepped

    for name in ("replace", "rename", "link", "open"):
        monkeypatch.setattr(os, name, look(getattr(os, name)))
    renew(card_sources, root, "--pi", PI)
    assert seen and all(seen)


def test_what_names_files_comes_after_them(card_sources, root, monkeypatch):
    placed: list[str] = []
    real = os.replace

    def look(new, path):
        placed.append(Path(path).name)
        return real(new, path)

    monkeypatch.setattr(os, "replace", look)
    renew(card_sources, root)
    last = placed.index("config.txt")
    for name in ("Image.gz", "bcm2712-rpi-5-b.dtb", "bootwire-pi5.dtbo", "start.elf"):
        assert placed.index(name) < last
    assert placed.index("fixup4.dat") < placed.index("start4.elf") and placed.index("cmdline.txt") > last


def test_a_run_that_is_cut_off_is_made_good_by_the_next_one_whatever_it_brings(card_sources, root, monkeypatch):
    class Plug(Exception):
        pass

    renew(card_sources, root)
    real = os.replace
    for steps in range(0, 40, 3):
        for name in ("Image.gz", "dtbs/bcm2712-rpi-5-b.dtb", "overlays/dwc2.dtbo"):
            (card_sources.build / name).write_bytes(f"build {steps} {name}".encode())
        left = [steps]

        def pulled(new, path):
            left[0] -= 1
            if left[0] < 0:
                raise Plug
            return real(new, path)

        monkeypatch.setattr(os, "replace", pulled)
        try:
            renew(card_sources, root, "--pi", f"{steps:08x}")
        except Plug:
            pass
        monkeypatch.setattr(os, "replace", real)
    (card_sources.build / "Image.gz").write_bytes(b"the last build")
    made = renew(card_sources, root)
    for folder in ["", *made.state.pis]:
        assert (root / folder / "Image.gz").read_bytes() == b"the last build"
    assert not [path for path in root.rglob("*") if path.name.endswith(".new")]


@pytest.mark.parametrize("name", ["config.txt", "cmdline.txt", "start4.elf", "overlays/dwc2.dtbo", "Image.gz"])
def test_files_of_others_are_refused_before_anything_changes_and_replaced_if_asked(card_sources, root, name):
    (root / name).parent.mkdir(parents=True)
    (root / name).write_text("somebody's")
    with pytest.raises(CardError, match=f"not from here, or were changed since: {name}; nothing was changed"):
        renew(card_sources, root)
    assert there(root) == [name] and (root / name).read_text() == "somebody's"
    renew(card_sources, root, replace=True)
    assert (root / name).read_text() != "somebody's"


def test_a_folder_of_others_with_a_pis_name_is_refused(card_sources, root):
    renew(card_sources, root)
    (root / PI).mkdir()
    with pytest.raises(CardError, match=PI):
        renew(card_sources, root, "--pi", PI)


def test_config_txt_that_was_edited_is_kept_and_named(card_sources, root):
    renew(card_sources, root, "--pi", PI)
    edited = root / PI / "config.txt"
    edited.write_text(edited.read_text() + "dtoverlay=dwc2\n")
    (card_sources.build / "Image.gz").write_bytes(b"newer")
    for _ in range(2):
        made = renew(card_sources, root)
        assert made.kept == [f"{PI}/config.txt"] and edited.read_text().endswith("dtoverlay=dwc2\n")
    assert (root / PI / "Image.gz").read_bytes() == b"newer"
    renew(card_sources, root, replace=True)
    assert edited.read_text() == (root / "config.txt").read_text()


def test_what_a_newer_version_has_no_more_goes_and_files_of_others_stay(card_sources, root):
    (card_sources.build / "modules.sqfs").write_bytes(b"drivers")
    renew(card_sources, root, "--pi", PI)
    (root / "other.txt").write_text("somebody's")
    (root / PI / "recovery.txt").write_text("somebody's")
    (card_sources.build / "modules.sqfs").unlink()
    renew(card_sources, root)
    assert not (root / "modules.sqfs").exists() and not (root / PI / "modules.sqfs").exists()
    assert (root / "other.txt").exists() and (root / PI / "recovery.txt").exists()


def test_a_secret_is_at_no_moment_readable_to_everybody(card_sources, root, monkeypatch):
    modes: list[int] = []
    real = os.replace

    def look(new, path):
        if Path(path).name == "cmdline.txt" and b"iscsi.password" in Path(new).read_bytes():
            modes.append(mode(Path(new)))
        return real(new, path)

    monkeypatch.setattr(os, "replace", look)
    renew(card_sources, root, "--set", "iscsi.password=hush", "--pi", PI)
    assert modes == [0o640, 0o640]
    assert mode(root / "cmdline.txt") == mode(root / PI / "cmdline.txt") == 0o640
    assert (root / "cmdline.txt").stat().st_gid == root.stat().st_gid
    assert "hush" not in (root / ".bootwire").read_text()
    renew(card_sources, root, "--set", "iscsi.password=")
    assert mode(root / "cmdline.txt") == 0o644 and mode(root / PI / "cmdline.txt") == 0o640


def test_two_runs_at_once_do_not_mix(card_sources, root):
    renew(card_sources, root)
    with tree._locked(root), pytest.raises(CardError, match="being renewed by another"):
        renew(card_sources, root)


def test_a_pi_that_was_taken_out_by_hand_is_forgotten(card_sources, root):
    renew(card_sources, root, "--pi", PI)
    subprocess.run(["rm", "-r", root / PI], check=True)
    assert renew(card_sources, root).state.pis == []
    assert not any(name.startswith(PI) for name in json.loads((root / ".bootwire").read_text())["files"])


@pytest.mark.parametrize("said, folder", [
    ("9f2a3c41", "9f2a3c41"), ("0x9F2A3C41", "9f2a3c41"), ("100000009f2a3c41", "9f2a3c41"),
    ("DC-A6-32-01-02-03", "dc-a6-32-01-02-03"),
])
def test_a_pi_is_named_as_its_firmware_names_itself(said, folder):
    assert tftp.folder_of(said) == folder


@pytest.mark.parametrize("said", ["", "pi4", "9f2a3c4", "dc:a6:32:01:02", "../etc", "9f2a3c41/"])
def test_what_names_no_pi_is_refused(said):
    with pytest.raises(CardError, match="neither a serial number"):
        tftp.folder_of(said)


def test_the_command_says_what_it_did_and_warns_of_secrets(card_sources, tmp_path):
    done = subprocess.run([ROOT / "bootwire", "tftp", "srv", "--build", "out", "--firmware", card_sources.firmware,
                           "--pi", PI, "--set", "iscsi.password=hush"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Pis with a folder of their own: 1" in done.stderr and "TFTP gives it to whoever asks" in done.stderr
    assert (tmp_path / "srv" / PI / "cmdline.txt").is_file()
