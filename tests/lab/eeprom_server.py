"""A web server on the loopback in the shape of the one that Raspberry Pi's bootloaders come from, and its faults."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from eeprom_image import image_2711, image_2712

from tools.card import locked
from tools.card.lock_eeprom import lock

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACE = "/raspberrypi/rpi-eeprom"
IMAGE_2711 = "firmware-2711/default/pieeprom-2026-05-17.bin"


def make_copy(root: Path) -> Path:
    """In the shape of rpi-eeprom, with nothing of it."""
    for chip, content, dates in (("2711", image_2711(), ("2025-11-05", "2026-05-17")),
                                 ("2712", image_2712(), ("2026-05-11", "2026-05-26"))):
        folder = root / f"firmware-{chip}" / "default"
        folder.mkdir(parents=True)
        for date in dates:
            (folder / f"pieeprom-{date}.bin").write_bytes(content)
        (folder / "recovery.bin").write_bytes(f"recovery {chip}".encode() * 100)
        (folder / "vl805-000138c0.bin").write_bytes(b"for the USB controller")
        (root / f"firmware-{chip}" / "latest").mkdir()
        (root / f"firmware-{chip}" / "latest" / "pieeprom-2026-11-01.bin").write_bytes(content)
    (root / "LICENSE").write_text("License: custom\n")
    return root


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        of = self.server.repository
        path = self.path.removeprefix(f"{PLACE}/{COMMIT}/")
        asked = self.headers.get("Range", "")
        of.asked.append((path, asked))
        content = of.files.get(path)
        faults = of.faults.get(path, [])
        fault = faults.pop(0) if faults else None
        if fault:
            fault(self, content or b"")
        elif content is None:
            self.send_error(404)
        elif asked:
            self.part(content, int(asked.removeprefix("bytes=").removesuffix("-")))
        else:
            self.whole(content)

    def part(self, content: bytes, start: int) -> None:
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.whole_body(content[start:])

    def whole(self, content: bytes, announced: int | None = None) -> None:
        self.send_response(200)
        self.whole_body(content, announced)

    def whole_body(self, content: bytes, announced: int | None = None) -> None:
        self.send_header("Content-Length", str(len(content) if announced is None else announced))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


Fault = Callable[[_Handler, bytes], None]


def cut(handler: _Handler, content: bytes) -> None:
    """After half of what is left."""
    start = int((handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    rest = content[start:]
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    handler.whole_body(rest[: len(rest) // 2], len(rest))


def knows_no_ranges(handler: _Handler, content: bytes) -> None:
    handler.whole(content)


def another_part(handler: _Handler, content: bytes) -> None:
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes 0-{len(content) - 1}/{len(content)}")
    handler.whole_body(content)


def endless(handler: _Handler, content: bytes) -> None:
    """Says no length, and does not stop as long as it is listened to."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(1000):
            handler.wfile.write(bytes(64 << 10))
        handler.server.repository.heard_to_the_end = True
    except OSError:
        pass


def login_page(handler: _Handler, content: bytes) -> None:
    handler.whole(b"<html>Welcome to the hotel's network</html>")


def overloaded(handler: _Handler, content: bytes) -> None:
    handler.send_error(503)


def silent(handler: _Handler, content: bytes) -> None:
    handler.whole(b"", len(content))
    handler.wfile.flush()
    handler.server.repository.closing.wait()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    repository: Repository


class Repository:
    """asked: each request's path and Range. faults: path → what goes wrong at the next requests for it."""

    def __init__(self, copy: Path, tls: ssl.SSLContext | None = None) -> None:
        self.copy = copy
        self.lock = lock(copy, COMMIT, "repository https://repository.invalid/rpi-eeprom\n")
        self.release = locked.parse(self.lock)
        self.files = {file.path: (copy / file.path).read_bytes() for file in self.release.files}
        self.asked: list[tuple[str, str]] = []
        self.faults: dict[str, list[Fault]] = {}
        self.heard_to_the_end = False
        self.closing = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.repository = self
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.address = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}{PLACE}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
