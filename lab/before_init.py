"""A program of the lab's own before the init that ships: modules for the kernel, company for init.

It comes in a second initramfs, which the firmware loads beside the kernel as config.txt says. Kernel
and init are those that ship; `rdinit=` on the kernel's command line is all that is different.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lab.cpio import FILE, FOLDER, PROGRAM, Entry, archive
from lab.errors import LabError
from lab.processes import run

ROOT = Path(__file__).resolve().parents[1]
GUEST = ROOT / "tests" / "system" / "guest"
ARCHIVE = "lab.cpio"
WORD = "rdinit=/lab/first"


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
