"""A program of the lab's own before the init that ships: modules for the kernel, company for init.

It comes in a second initramfs, which the firmware loads beside the kernel as config.txt says. Kernel
and init are those that ship; `rdinit=` on the kernel's command line is all that is different.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab.errors import LabError
from lab.processes import run

ROOT = Path(__file__).resolve().parents[1]
GUEST = ROOT / "tests" / "system" / "guest"
ARCHIVE = "lab.cpio"
WORD = "rdinit=/lab/first"
FOLDER, PROGRAM, FILE = 0o040755, 0o100755, 0o100644

Entry = tuple[str, int, bytes]  # name, mode, content


def archive(entries: Iterable[Entry]) -> bytes:
    """A cpio archive as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    packed = bytearray()
    for name, mode, content in [*entries, ("TRAILER!!!", 0, b"")]:
        fields = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        packed += b"070701" + b"".join(b"%08X" % value for value in fields) + name.encode() + b"\0"
        packed += b"\0" * (-len(packed) % 4) + content
        packed += b"\0" * (-len(packed) % 4)
    return bytes(packed)


def guest_program(name: str) -> bytes:
    """tests/system/guest/NAME.c, static and for arm64."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / name
        run("aarch64-linux-gnu-gcc", "-std=gnu2x", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Os", "-static",
            "-o", str(program), str(GUEST / f"{name}.c"))
        return program.read_bytes()


def lab_module(out: Path, name: str) -> bytes:
    """A module for the very kernel that ships; kernel/lab.config says which there are."""
    done = subprocess.run([ROOT / "kernel" / "build.sh", "--module", name, out], text=True, capture_output=True)
    if done.returncode != 0:
        raise LabError(f"no module {name}: {done.stderr.strip()[-600:]}")
    return Path(done.stdout.strip()).read_bytes()


def add_to(root: Path, out: Path, modules: Sequence[str] = (), programs: Sequence[str] = ()) -> str:
    """Adds it to a TFTP root (or a card's files), once. Returns the word for the kernel's command line.

    modules: "NAME" or "NAME PARAMETER…", loaded in this order. programs: of tests/system/guest, started
    after that and running beside init.
    """
    todo = []
    entries: list[Entry] = [("lab", FOLDER, b""), ("lab/first", PROGRAM, guest_program("load-modules"))]
    for module in modules:
        name, _, parameters = module.partition(" ")
        entries.append((f"lab/{name}.ko", FILE, lab_module(out, name)))
        todo.append(f"module /lab/{name}.ko {parameters}".strip())
    for program in programs:
        entries.append((f"lab/{program}", PROGRAM, guest_program(program)))
        todo.append(f"start /lab/{program}")
    entries.append(("lab/todo", FILE, "".join(line + "\n" for line in todo).encode()))
    (root / ARCHIVE).write_bytes(archive(entries))
    with (root / "config.txt").open("a") as config:
        config.write(f"\n[all]\ninitramfs {ARCHIVE} followkernel\n")
    return WORD
