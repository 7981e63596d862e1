"""./bootwire sdcard --eeprom download: the locked bootloaders, from a server on the loopback."""

from __future__ import annotations

import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import eeprom_server
import pytest
from eeprom_server import COMMIT, IMAGE_2711, Repository

from tools.card import download, eeprom, lock_eeprom, locked
from tools.card.errors import CardError


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no patience, a cache of its own."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.setenv("BOOTWIRE_CACHE", str(tmp_path / "cache"))


def served(copy: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext | None = None) -> Iterator[Repository]:
    repository = Repository(eeprom_server.make_copy(copy), tls)
    (copy.parent / "eeprom.lock").write_text(repository.lock)
    monkeypatch.setattr(locked, "LOCK", copy.parent / "eeprom.lock")
    monkeypatch.setenv(locked.MIRROR, repository.address)
    yield repository
    repository.close()


@pytest.fixture
def repository(monkeypatch, tmp_path) -> Iterator[Repository]:
    yield from served(tmp_path / "rpi-eeprom", monkeypatch)


@pytest.fixture
def cached(tmp_path) -> Path:
    """The folder of the release in the cache."""
    return tmp_path / "cache" / "eeprom" / COMMIT


def left(cached: Path) -> list[str]:
    return sorted(str(file.relative_to(cached)) for file in cached.rglob("*") if file.is_file())


def test_every_locked_file_is_asked_for_once_and_taken_from_the_cache_afterwards(repository, cached):
    found = eeprom.downloaded()
    assert found == {"licences/rpi-eeprom.txt" if path == "LICENSE" else f"eeprom/{path}": content
                     for path, content in repository.files.items()}
    assert sorted(repository.asked) == [(path, "") for path in sorted(repository.files)]
    assert left(cached) == sorted(repository.files)
    repository.asked.clear()
    assert eeprom.downloaded() == found and not repository.asked


@pytest.mark.parametrize("damage", [b"", b"other", b"\0" * (512 << 10)], ids=["cut off", "other", "as large"])
def test_what_was_damaged_in_the_cache_is_downloaded_anew(repository, cached, damage):
    found = eeprom.downloaded()
    (cached / IMAGE_2711).write_bytes(damage)
    repository.asked.clear()
    assert eeprom.downloaded() == found
    assert repository.asked == [(IMAGE_2711, "")]


def test_a_download_that_is_cut_goes_on_where_it_ended(repository):
    repository.faults[IMAGE_2711] = [eeprom_server.cut, eeprom_server.cut]
    assert eeprom.downloaded()[f"eeprom/{IMAGE_2711}"] == repository.files[IMAGE_2711]
    size = len(repository.files[IMAGE_2711])
    assert [asked for path, asked in repository.asked if path == IMAGE_2711] == [
        "", f"bytes={size // 2}-", f"bytes={size // 4 * 3}-"]


def test_a_later_run_goes_on_as_well_and_one_that_always_fails_ends(repository, cached):
    repository.faults[IMAGE_2711] = [eeprom_server.cut] * download.TRIES
    with pytest.raises(CardError, match=r"ended after \d+ of 524288 bytes; what has come is kept.*--eeprom none"):
        eeprom.downloaded()
    assert not (cached / IMAGE_2711).exists()
    repository.asked.clear()
    assert eeprom.downloaded()[f"eeprom/{IMAGE_2711}"] == repository.files[IMAGE_2711]
    path, asked = repository.asked[0]
    assert path == IMAGE_2711 and int(asked.strip("bytes=-")) > len(repository.files[IMAGE_2711]) // 2
    assert left(cached) == sorted(repository.files)


@pytest.mark.parametrize("fault", [eeprom_server.knows_no_ranges, eeprom_server.another_part])
def test_a_server_that_sends_another_part_than_it_was_asked_for_is_not_believed(repository, fault):
    repository.faults[IMAGE_2711] = [eeprom_server.cut, fault]
    assert eeprom.downloaded()[f"eeprom/{IMAGE_2711}"] == repository.files[IMAGE_2711]


@pytest.mark.parametrize("size", [1000, 512 << 10, 600 << 10])
def test_what_an_earlier_run_left_of_something_else_is_thrown_away(repository, cached, size):
    eeprom.downloaded()
    (cached / IMAGE_2711).unlink()
    download.part_of(cached / IMAGE_2711).write_bytes(b"?" * size)
    assert eeprom.downloaded()[f"eeprom/{IMAGE_2711}"] == repository.files[IMAGE_2711]
    assert left(cached) == sorted(repository.files)


def test_other_bytes_are_refused_and_nothing_of_them_is_kept(repository, cached):
    right = repository.files[IMAGE_2711]
    repository.files[IMAGE_2711] = right[:-1] + b"!"
    with pytest.raises(CardError, match=rf"{IMAGE_2711} has another SHA-256, .* what is locked.*--eeprom DIR"):
        eeprom.downloaded()
    assert IMAGE_2711 not in left(cached) and not download.part_of(cached / IMAGE_2711).exists()
    repository.files[IMAGE_2711] = right
    assert eeprom.downloaded()[f"eeprom/{IMAGE_2711}"] == right


@pytest.mark.parametrize("fault, said", [
    (eeprom_server.endless, r"has more than 524288 bytes"),
    (eeprom_server.login_page, r"has 43 bytes, .* a page to log in"),
])
def test_bytes_of_another_number_are_refused_at_once(repository, cached, fault, said):
    repository.faults[IMAGE_2711] = [fault]
    with pytest.raises(CardError, match=said):
        eeprom.downloaded()
    assert not repository.heard_to_the_end
    assert [path for path, _ in repository.asked].count(IMAGE_2711) == 1
    assert not download.part_of(cached / IMAGE_2711).exists()


def test_a_file_that_is_not_there_is_named_with_what_to_do(repository):
    del repository.files[IMAGE_2711]
    with pytest.raises(CardError, match=rf"{IMAGE_2711}: the server says 404 .*{locked.MIRROR} .*--eeprom DIR .*none"):
        eeprom.downloaded()
    assert [path for path, _ in repository.asked].count(IMAGE_2711) == 1


def test_a_server_that_is_overloaded_is_asked_again(repository):
    repository.faults["LICENSE"] = [eeprom_server.overloaded] * (download.TRIES - 1)
    assert eeprom.downloaded()["licences/rpi-eeprom.txt"] == b"License: custom\n"


def test_a_server_that_says_nothing_is_given_up(repository, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.2)
    monkeypatch.setattr(download, "TRIES", 2)
    repository.faults["LICENSE"] = [eeprom_server.silent] * 2
    with pytest.raises(CardError, match=r"LICENSE was cut \(timed out\)"):
        eeprom.downloaded()


def test_a_server_that_is_away_is_named(repository, monkeypatch):
    monkeypatch.setenv(locked.MIRROR, "http://127.0.0.1:1/rpi-eeprom")
    with pytest.raises(CardError, match=r"127.0.0.1 cannot be reached \(Connection refused\): is this machine online"):
        eeprom.downloaded()


@pytest.fixture
def certificate(tmp_path) -> Path:
    made = tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", made, "-out", tmp_path / "only.pem"], check=True, capture_output=True)
    made.write_text(made.read_text() + (tmp_path / "only.pem").read_text())
    return made


def test_a_server_is_believed_only_if_somebody_vouches_for_it(certificate, monkeypatch, tmp_path):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server = served(tmp_path / "rpi-eeprom", monkeypatch, tls)
    repository = next(server)
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    with pytest.raises(CardError, match=r"certificate of 127.0.0.1 cannot be verified \(.+\): .*ca-certificates"):
        eeprom.downloaded()
    assert not repository.asked
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert len(eeprom.downloaded()) == len(repository.files)
    repository.close()


def test_nobody_who_asked_by_https_is_sent_on_to_http():
    def send_on(to: str) -> urllib.request.Request | None:
        asked = urllib.request.Request("https://repository.invalid/file")
        return download._KeepSecure().redirect_request(asked, None, 302, "Found", {}, to)  # type: ignore[arg-type]

    there = send_on("https://elsewhere.invalid/file")
    assert there and there.full_url == "https://elsewhere.invalid/file"
    with pytest.raises(CardError, match="http://elsewhere.invalid/file, which is not https"):
        send_on("http://elsewhere.invalid/file")


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "file:///etc", "127.0.0.1", "https://", "https://a b/",
                                     "https://me@host/x", "https://host/x?y"])
def test_a_mirror_that_is_no_address_is_refused(repository, monkeypatch, address):
    monkeypatch.setenv(locked.MIRROR, address)
    with pytest.raises(CardError, match=rf"{locked.MIRROR} is '.*', which is no address"):
        eeprom.downloaded()


def test_a_folder_of_somebody_elses_does_not_become_the_cache(repository, monkeypatch, tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter.txt").write_text("")
    monkeypatch.setenv("BOOTWIRE_CACHE", str(tmp_path / "documents"))
    with pytest.raises(CardError, match="was not made by ./bootwire"):
        eeprom.downloaded()
    assert [file.name for file in (tmp_path / "documents").iterdir()] == ["letter.txt"] and not repository.asked


def test_the_cache_is_marked_as_what_may_be_removed(repository, tmp_path):
    eeprom.downloaded()
    assert (tmp_path / "cache" / ".made-by-bootwire").exists()


def test_it_is_told_how_far_it_is(repository, capsys):
    eeprom.downloaded()
    said = capsys.readouterr().err
    assert said.index("downloading 50 %") < said.index("downloading 100 %")


def test_the_lock_has_what_a_card_needs():
    of = locked.release()
    assert of.repository.startswith("https://") and len(of.commit) == 40
    paths = {file.path: file.size for file in of.files}
    images = [path for path in paths if eeprom.IMAGE.fullmatch(Path(path).name)]
    assert {path.split("/")[0] for path in images} == {f"firmware-{chip}" for chip in eeprom.CHIPS}
    for path in images:
        assert paths[path] == eeprom.CHIPS[path.split("/")[0].removeprefix("firmware-")]
        assert 0 < paths[str(Path(path).with_name(eeprom.RECOVERY))] <= eeprom.LARGEST_RECOVERY
    assert len(paths) == 2 * len(images) + 1 and paths[eeprom.LICENCE] > 0


def test_a_lock_is_made_of_a_copy_and_keeps_address_and_comments(tmp_path):
    copy = eeprom_server.make_copy(tmp_path / "copy")
    old = "# why\nrepository https://host.invalid/x\ncommit y\nfile z 1 2\n"
    made = lock_eeprom.lock(copy, COMMIT, old)
    assert made.startswith("# why\nrepository https://host.invalid/x\n")
    of = locked.parse(made)
    assert (of.repository, of.commit) == ("https://host.invalid/x", COMMIT)
    assert [file.path for file in of.files] == [
        "LICENSE", IMAGE_2711, "firmware-2711/default/recovery.bin",
        "firmware-2712/default/pieeprom-2026-05-26.bin", "firmware-2712/default/recovery.bin"]
    assert all(download.matches((copy / file.path).read_bytes(), of.wanted(file)) for file in of.files)
    with pytest.raises(CardError, match="is no commit"):
        lock_eeprom.lock(copy, "master", old)


SUM = "0" * 64


@pytest.mark.parametrize("text", [
    "", f"commit {COMMIT}\nfile a 1 {SUM}", f"repository https://h/x\nfile a 1 {SUM}",
    f"repository https://h/x\ncommit {COMMIT}", f"repository https://h/x\ncommit master\nfile a 1 {SUM}",
    f"repository https://h/x\ncommit {COMMIT}\nfile ../a 1 {SUM}", f"repository h/x\ncommit {COMMIT}\nfile a 1 {SUM}",
    f"repository https://h/x\ncommit {COMMIT}\nfile /a 1 {SUM}", f"repository https://h/x\ncommit {COMMIT}\nfile a 1 0",
])
def test_a_lock_that_is_damaged_is_refused(text):
    with pytest.raises(CardError, match="lock|address"):
        locked.parse(text)
