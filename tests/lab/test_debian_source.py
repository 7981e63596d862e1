"""tools/debian.sh with source packages that are in the cache already: no network is asked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCH = b"--- a/greeting\n+++ b/greeting\n@@ -1 +1 @@\n-hello\n+good morning\n"
SECOND = b"--- a/greeting\n+++ b/greeting\n@@ -1 +1 @@\n-good morning\n+good evening\n"
SERIES = b"# in this order\nfirst.patch\n\nsecond.patch # and no other\n"


def archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:xz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, BytesIO(data))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Cache:
    """A cache with the source `hello`, version 1:2-3, and a lock that names it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.debs = folder / "cache" / "debs"
        self.debs.mkdir(parents=True)
        (folder / "cache" / ".made-by-bootwire").touch()
        self.orig, self.debian = self.debs / "hello_2.orig.tar.xz", self.debs / "hello_2-3.debian.tar.xz"
        self.dsc = self.debs / "hello_2-3.dsc"
        self.fill()

    def fill(self, series: bytes = SERIES, form: str = "3.0 (quilt)") -> None:
        archive(self.orig, {"hello-2/greeting": b"hello\n"})
        archive(self.debian, {"debian/patches/series": series, "debian/patches/first.patch": PATCH,
                              "debian/patches/second.patch": SECOND, "debian/rules": b"\n"})
        sums = "".join(f" {sha256(file)} {file.stat().st_size} {file.name}\n" for file in (self.orig, self.debian))
        self.dsc.write_text(f"Format: {form}\nSource: hello\nVersion: 1:2-3\nChecksums-Sha1:\n 00 1 {self.orig.name}\n"
                            f"Checksums-Sha256:\n{sums}Files:\n 00 1 {self.orig.name}\n")
        self.lock = self.folder / "lock"
        self.lock.write_text(f"bookworm source hello 1:2-3 {sha256(self.dsc)}\n")

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        # Whoever asks the network finds none.
        environment = os.environ | {"BOOTWIRE_CACHE": str(self.folder / "cache"), "BOOTWIRE_LOCK": str(self.lock),
                                    "BOOTWIRE_MIRROR": "http://127.0.0.1:9/debian"}
        return subprocess.run([str(ROOT / "tools" / "debian.sh"), *map(str, words)], text=True, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_a_source_in_the_cache_is_fetched_without_a_network(cache: Cache) -> None:
    done = cache.run("fetch", "bookworm", "source", "hello")
    assert (done.returncode, done.stdout) == (0, f"{cache.dsc}\n")


def test_a_source_is_unpacked_with_its_patches_in_their_order(cache: Cache) -> None:
    tree = cache.folder / "tree"
    assert cache.run("unpack", "bookworm", "source", tree, "hello").returncode == 0
    assert (tree / "greeting").read_text() == "good evening\n"
    assert (tree / "debian" / "rules").exists()
    (tree / "mine").touch()
    assert cache.run("unpack", "bookworm", "source", tree, "hello").returncode == 0
    assert (tree / "mine").exists()  # it is there already


def test_another_source_takes_the_place_of_an_older_one(cache: Cache) -> None:
    tree = cache.folder / "tree"
    cache.run("unpack", "bookworm", "source", tree, "hello")
    (tree / "left-over").touch()
    cache.fill(series=b"first.patch\n")
    assert cache.run("unpack", "bookworm", "source", tree, "hello").returncode == 0
    assert (tree / "greeting").read_text() == "good morning\n"
    assert not (tree / "left-over").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(cache: Cache) -> None:
    (cache.folder / "tree").mkdir()
    (cache.folder / "tree" / "thesis").touch()
    done = cache.run("unpack", "bookworm", "source", cache.folder / "tree", "hello")
    assert done.returncode == 1 and "name an empty directory" in done.stderr
    assert (cache.folder / "tree" / "thesis").exists()


@pytest.mark.parametrize("which", ["orig", "debian", "dsc"])
def test_a_file_that_was_tampered_with_is_not_used(cache: Cache, which: str) -> None:
    file: Path = getattr(cache, which)
    file.write_bytes(file.read_bytes() + b"\n")
    done = cache.run("fetch", "bookworm", "source", "hello")
    assert done.returncode == 1 and done.stdout == ""  # the archive would be asked for it anew


def test_a_patch_that_does_not_apply_is_named(cache: Cache) -> None:
    cache.fill(series=b"second.patch\n")
    done = cache.run("unpack", "bookworm", "source", cache.folder / "tree", "hello")
    assert done.returncode == 1 and "second.patch does not apply" in done.stderr
    assert not (cache.folder / "tree" / "greeting").exists()


def test_another_format_of_sources_is_named(cache: Cache) -> None:
    cache.fill(form="1.0")
    done = cache.run("unpack", "bookworm", "source", cache.folder / "tree", "hello")
    assert done.returncode == 1 and "3.0 (quilt)" in done.stderr
