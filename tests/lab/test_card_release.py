"""./bootwire release: what is handed on is complete, checkable, and the same each time."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tools.card import content, image, parts, release, sdcard
from tools.card.errors import CardError


def there(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def made(shared_card_sources, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("made") / "release"
    assert release.release(shared_card_sources, out) == ["ethernet"]
    return out / "ethernet"


def test_each_variant_has_kernel_card_tree_licences_and_sums(made):
    names = set(there(made))
    assert {"Image.gz", "sdcard.img", "tftp.tar", "SHA256SUMS", "licences/SOURCES.txt"} <= names
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=made, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {line.split(": ")[0] for line in done.stdout.splitlines()} == names - {"SHA256SUMS"}


def test_the_tar_is_a_tftp_servers_folder_that_anybody_may_read(made, shared_card_sources, tmp_path):
    with tarfile.open(made / "tftp.tar") as archive:
        for entry in archive:
            assert (entry.uid, entry.gid, entry.mtime) == (0, 0, image.EPOCH)
            assert entry.mode == (0o755 if entry.isdir() else 0o644)
        archive.extractall(tmp_path)
    wanted = content.collect(shared_card_sources)
    assert there(tmp_path) == {name: what if isinstance(what, bytes) else what.read_bytes()
                               for name, what in wanted.items()}


def test_the_card_is_the_one_that_sdcard_makes(made, shared_card_sources, tmp_path):
    image.write(sdcard.files(shared_card_sources, []), tmp_path / "card.img")
    assert (made / "sdcard.img").read_bytes() == (tmp_path / "card.img").read_bytes()


def test_every_part_is_listed_with_licence_and_source(made):
    text = (made / "licences" / "SOURCES.txt").read_text()
    for part in parts.PARTS.values():
        assert part.title in text and part.licence in text and part.source in text
    for library in parts.LIBRARIES:
        assert library.title in text and (made / "licences" / f"{library.package.removesuffix('-dev')}.txt").exists()
        assert all((made / "licences" / f"{name}.txt").exists() for name in library.texts)


def test_what_init_is_linked_with_is_in_the_list_of_libraries():
    """Of tools/build.sh's static libraries none may be forgotten here."""
    script = (parts.ROOT / "tools" / "build.sh").read_text()
    line = next(line for line in script.splitlines() if '"$sysroot"' in line and " unpack own arm64 " in line)
    linked = line.partition('"$sysroot"')[2].split("||")[0].split()
    assert linked and set(linked) <= {library.package for library in parts.LIBRARIES}


def test_every_variant_that_is_built_is_in_it_and_two_runs_give_the_same_bytes(card_sources, tmp_path):
    wifi = card_sources.build / "wifi"
    subprocess.run(["cp", "-r", card_sources.build, tmp_path / "copy"], check=True)
    (tmp_path / "copy").rename(wifi)
    (wifi / "Image.gz").write_bytes(b"another kernel")
    out = tmp_path / "release"
    assert release.release(card_sources, out) == ["ethernet", "wifi"]
    first = there(out)
    assert first["wifi/Image.gz"] == b"another kernel" != first["ethernet/Image.gz"]
    old = os.umask(0o077)
    try:
        release.release(card_sources, out)
    finally:
        os.umask(old)
    assert there(out) == first


def test_an_older_release_is_replaced_as_a_whole_and_anything_else_is_left_alone(card_sources, tmp_path):
    out = tmp_path / "release"
    release.release(card_sources, out)
    (out / "ethernet" / "old").write_text("")
    release.release(card_sources, out)
    assert not (out / "ethernet" / "old").exists()
    foreign = tmp_path / "documents"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("")
    with pytest.raises(CardError, match="is there, and no release"):
        release.release(card_sources, foreign)
    assert list(there(foreign)) == ["letter.txt"] and not list(tmp_path.glob(".*"))


def test_nothing_is_handed_on_without_the_libraries_notices(card_sources, tmp_path):
    words = ["--build", str(card_sources.build), "--firmware", str(card_sources.firmware), "--out", str(tmp_path / "r")]
    with pytest.raises(CardError, match="needs the notices"):
        release.main(words)
    assert card_sources.notices is not None
    (card_sources.notices / "usr/share/doc/nettle-dev/copyright").unlink()
    if not Path("/usr/share/doc/nettle-dev/copyright").exists():
        with pytest.raises(CardError, match="notice of nettle is missing"):
            release.main([*words, "--notices", str(card_sources.notices)])
