"""A program of the booted system that writes to the root disk without end, and what became of it."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from lab.pi import VirtualPi

# What the shell has built in, but for `sync`, which stays in memory once it has run.
SCRIPT = (
    "i=0; while [ -e /run/write ]; do i=$((i+1)); "
    "{ echo $1-$i. >/root/number && sync /root/number && read back </root/number && [ $back = $1-$i. ]; } "
    "|| echo FAILED $i; done; echo wrote $i"
)


@contextlib.contextmanager
def writing(pi: VirtualPi, disk: Path | None = None) -> Iterator[None]:
    """While the block runs, something writes. After it: no write has failed, and the last one is on the target's
    disk (the rack's first one)."""
    mark = secrets.token_hex(8)
    pi.check(f"echo '{SCRIPT}' >/run/writer; touch /run/write; sh /run/writer {mark} >/run/written 2>&1 & true")
    try:
        yield
    finally:
        pi.check("rm /run/write; until grep -q ^wrote /run/written; do sleep 0.2; done", timeout=180)
    written = pi.check("cat /run/written")
    assert "FAILED" not in written
    last = int(re.findall(r"wrote (\d+)", written)[0])
    assert last > 0
    pi.check("sync")
    with (disk or pi.directory.parent / "disk0.img").open("rb") as image:
        wanted = f"{mark}-{last}.".encode()
        there = any(wanted in chunk for chunk in iter(lambda: image.read(1 << 24), b""))
    assert there, "the last write is not on the target"
    assert pi.check("findmnt -no OPTIONS / || mount | grep ' / '").find("rw") >= 0
