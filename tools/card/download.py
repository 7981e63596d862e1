"""One file from a web server, of which size and SHA-256 are known beforehand.

What has come is kept beside the file's place, so that a download that was cut goes on where it ended,
in this run or a later one. The file is in its place only once it is whole, compared and on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from tools.card.errors import CardError
from tools.card.progress import Progress

PATIENCE = 30.0  # seconds in which nothing comes
TRIES = 5
PAUSE = 2.0  # seconds between them
CHUNK = 64 << 10


@dataclass(frozen=True)
class Wanted:
    url: str
    size: int
    sha256: str


class _Cut(Exception):
    """It may work the next time; the message says what was wrong this time."""


class _KeepSecure(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
                         headers: http.client.HTTPMessage, newurl: str) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in {"https", urlsplit(req.full_url).scheme}:
            raise CardError(f"{req.full_url} sends on to {newurl}, which is not https: it is not asked")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(address: str, where: str) -> str:
    """The address without a slash at its end, if one can be asked there; where: who named it."""
    if not re.fullmatch(r"https?://[!-~]+", address) or re.search("[@?#]", address) or not urlsplit(address).hostname:
        raise CardError(f"{where} is '{address}', which is no address as https://example.org/rpi-eeprom")
    return address.rstrip("/")


def matches(content: bytes, wanted: Wanted) -> bool:
    return len(content) == wanted.size and hashlib.sha256(content).hexdigest() == wanted.sha256


def part_of(place: Path) -> Path:
    """Where what has come so far is kept."""
    return place.with_name(f".{place.name}.part")


def length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _unreachable(url: str, reason: object) -> CardError:
    host = urlsplit(url).hostname
    if isinstance(reason, ssl.SSLCertVerificationError):
        return CardError(f"the certificate of {host} cannot be verified ({reason.verify_message}): is this machine's "
                         "clock right, and is Debian's package ca-certificates installed?")
    said = (isinstance(reason, OSError) and reason.strerror) or reason
    return CardError(f"{host} cannot be reached ({said}): is this machine online?")


def _ask(wanted: Wanted, part: Path) -> Any:
    """The answer, which may begin where part ends or at 0: see its status."""
    start = length(part)
    headers = {"User-Agent": "bootwire", **({"Range": f"bytes={start}-"} if start else {})}
    request = urllib.request.Request(wanted.url, headers=headers)
    try:
        return urllib.request.build_opener(_KeepSecure).open(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        error.close()
        said = f"{wanted.url}: the server says {error.code} {error.reason}".rstrip()
        if error.code == 416:  # it has less than what an earlier run has left
            part.unlink(missing_ok=True)
        if error.code in (416, 429) or error.code >= 500:
            raise _Cut(said) from None
        raise CardError(f"{said}; if the repository has moved, BOOTWIRE_EEPROM_MIRROR names another address") from None
    except urllib.error.URLError as error:
        raise _unreachable(wanted.url, error.reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(f"{wanted.url}: no answer ({str(error) or type(error).__name__})") from None


def _blocks(wanted: Wanted, answer: Any) -> Iterator[bytes]:
    try:
        while block := answer.read1(CHUNK):
            yield block
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(f"{wanted.url} was cut ({str(error) or type(error).__name__})") from None


def _other(wanted: Wanted, said: str) -> CardError:
    return CardError(f"{wanted.url} {said}, which is not what is locked: nothing of it was kept; "
                     "a page to log in to the network may be in between, or the mirror has another version")


def _go_on(wanted: Wanted, part: Path, progress: Progress) -> None:
    """From where it ended. Never writes more than the file's size."""
    start = length(part)
    with contextlib.closing(_ask(wanted, part)) as answer:
        if answer.status != 206:
            start = 0
        elif not str(answer.headers.get("Content-Range")).startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            raise _Cut(f"{wanted.url}: the server sent another part than it was asked for")
        said = answer.headers.get("Content-Length", "")
        if said.isdecimal() and start + int(said) != wanted.size:
            part.unlink(missing_ok=True)
            raise _other(wanted, f"has {start + int(said)} bytes")
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            for block in _blocks(wanted, answer):
                if file.tell() + len(block) > wanted.size:
                    file.close()
                    part.unlink()
                    raise _other(wanted, f"has more than {wanted.size} bytes")
                file.write(block)
                progress(file.tell())
    if length(part) < wanted.size:
        raise _Cut(f"{wanted.url} ended after {length(part)} of {wanted.size} bytes")


def _whole(wanted: Wanted, part: Path, progress: Progress) -> None:
    """All bytes of it into part, in several tries where the connection is cut."""
    for left in reversed(range(TRIES)):
        if length(part) == wanted.size:
            return
        if length(part) > wanted.size:
            part.unlink()
        try:
            _go_on(wanted, part, progress)
            return
        except _Cut as cut:
            if not left:
                raise CardError(f"{cut}; what has come is kept, and the same command goes on from there") from None
            time.sleep(PAUSE)


def fetch(wanted: Wanted, place: Path, progress: Progress) -> None:
    """Brings the file into its place. progress: bytes of it that are there."""
    part = part_of(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = length(part) > 0
    _whole(wanted, part, progress)
    if kept and not matches(part.read_bytes(), wanted):
        part.unlink()  # what an earlier run had left may have been of something else
        _whole(wanted, part, progress)
    if not matches(part.read_bytes(), wanted):
        part.unlink()
        raise _other(wanted, "has another SHA-256")
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
