"""./bootwire build --modules: modules.sqfs, the package and Image.gz of kernel/build.sh, on a stand-in for a kernel."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from kernel_source import make_source, run_build


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    tree = make_source(tmp_path_factory.mktemp("kernel") / "linux")
    (tree.parent / "init").write_text("init\n")
    return tree


def build(source: Path, modules: str | Path | None, cache: str = "cache") -> Path:
    """OUT of a build with the modules: all, a list, none."""
    out = source.parent / "out"
    done = run_build(source, *(["--modules", modules] if modules else []), source.parent / "init", out, cache=cache)
    assert done.returncode == 0, done.stderr
    return out


def package(out: Path) -> Path:
    return next(out.glob("bootwire-modules_*_arm64.deb"))


def in_file(out: Path) -> set[str]:
    words: list[str | Path] = ["unsquashfs", "-l", "-d", "", out / "modules.sqfs"]
    return set(subprocess.run(words, text=True, capture_output=True, check=True).stdout.split())


def in_package(out: Path) -> set[str]:
    listing = subprocess.run(["dpkg-deb", "-c", package(out)], text=True, capture_output=True, check=True).stdout
    return {line.split()[5].rstrip("/").removeprefix("./usr/lib/modules") for line in listing.splitlines()
            if "/usr/lib/modules/" in line.split()[5]}


def names(files: set[str]) -> set[str]:
    return {Path(file).stem for file in files if file.endswith(".ko")}


def carried(out: Path, source: Path) -> str | None:
    """The SHA-256 that Image.gz carries; the stand-in's archive is a list of what goes in."""
    image = gzip.decompress((out / "Image.gz").read_bytes()).decode(errors="replace")
    entry = re.search(r"^file /modules/sha256 (\S+) ", image, re.M)
    return Path(entry.group(1)).read_text() if entry else None


def test_all_modules_are_in_the_file_and_in_the_package_but_the_labs(source):
    out = build(source, "all")
    assert names(in_file(out)) == {"vc4", "snd", "wire"}
    release = next(file.split("/")[1] for file in in_package(out) if file.count("/") == 1 and file != "/")
    assert re.fullmatch(r"7\.3\.0-bootwire-[0-9a-f]{8}", release)
    in_folder = {f"/{release}{file}".rstrip("/") for file in [*in_file(out), ""]}
    assert in_folder == {file for file in in_package(out) if file}
    for table in ("modules.dep", "modules.alias", "modules.builtin", "modules.builtin.modinfo", "modules.order"):
        assert f"/{table}" in in_file(out)
    assert "/kernel/net/wire.ko" in in_file(out)


def test_the_image_carries_the_sum_of_the_file_beside_it(source):
    out = build(source, "all")
    assert carried(out, source) == hashlib.sha256((out / "modules.sqfs").read_bytes()).hexdigest() + "\n"


def test_two_builds_give_the_same_bytes(source):
    out = build(source, "all")
    first = [(out / "modules.sqfs").read_bytes(), package(out).read_bytes(), package(out).name]
    out = build(source, "all", cache="another")
    assert [(out / "modules.sqfs").read_bytes(), package(out).read_bytes(), package(out).name] == first


def test_a_list_brings_what_it_names_and_what_that_needs(source):
    (source.parent / "list").write_text("# for a test\nvc4\n")
    assert names(in_file(build(source, source.parent / "list"))) == {"vc4", "snd"}


def test_an_image_without_modules_leaves_no_file_that_it_would_not_take(source):
    build(source, "all")
    out = build(source, None)
    assert carried(out, source) is None
    assert not (out / "modules.sqfs").exists() and not list(out.glob("*.deb"))


def test_what_no_image_needs_is_compiled_only_when_asked_for(source):
    build(source, None, cache="fresh")
    tree = Path(run_build(source, "--tree", cache="fresh").stdout.strip())
    assert (tree / "net" / "snd.ko").exists() and not (tree / "net" / "wire.ko").exists()
    assert run_build(source, "--module", "dummy_hcd", source.parent / "lab", cache="fresh").returncode == 0
    assert (source.parent / "lab" / "modules" / "dummy_hcd.ko").exists() and not (tree / "net" / "wire.ko").exists()


def test_a_list_that_is_not_there_is_named(source):
    done = run_build(source, "--modules", "nowhere", source.parent / "init")
    assert done.returncode == 1 and "--modules wants all, or a file with names of modules" in done.stderr
