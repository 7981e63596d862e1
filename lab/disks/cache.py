"""Where disks are kept, and how a half-made one never becomes visible."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class DiskError(Exception):
    """One sentence for the person at the terminal: what failed and what to do."""


def directory() -> pathlib.Path:
    """The cache's folder for disks, created where it is missing."""
    cache = os.environ.get("BOOTWIRE_CACHE")
    if not cache:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        cache = os.path.join(home, "bootwire")
    folder = pathlib.Path(cache).absolute() / "disks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"cannot create {folder}: {error.strerror}; "
                        "set BOOTWIRE_CACHE to a folder that can be written to") from None
    return folder


def tools_path() -> str:
    """PATH with the folders in which an ordinary user's shell does not look for mkfs and sfdisk."""
    return os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"


def need_room(megabytes: int) -> None:
    """Fails with a sentence if the cache's file system has less than that free."""
    folder = directory()
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise DiskError(f"{folder} has {free} MB free and {megabytes} MB are needed: make room, "
                        "or set BOOTWIRE_CACHE to a folder on a larger disk")


@contextlib.contextmanager
def making(target: pathlib.Path) -> Iterator[pathlib.Path | None]:
    """`with making(target) as scratch:` waits for whoever makes the same file, and yields a scratch
    folder that is gone afterwards, or None if the file is there by then. The block puts the result
    in place with os.replace()."""
    lock = target.with_name("." + target.name + ".lock")
    with open(lock, "w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if target.exists():
            yield None
            return
        scratch = pathlib.Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            yield scratch
        except OSError as error:
            raise DiskError(f"cannot make {target.name}: {error.strerror or error}"
                            f" ({target.parent})") from error
        finally:
            # Packages ship folders without write permission, which a user can't empty.
            subprocess.run(["chmod", "-R", "u+rwX", scratch], check=False,
                           stderr=subprocess.DEVNULL)
            shutil.rmtree(scratch, ignore_errors=True)
            with contextlib.suppress(OSError):
                lock.unlink()


def run(what: str, command: Sequence[str | pathlib.Path], **options: Any) -> str:
    """Runs a command; returns what it printed. A failure becomes one sentence with its last words."""
    environment = dict(os.environ, PATH=tools_path(), LC_ALL="C", MTOOLS_SKIP_CHECK="1")
    words = [str(word) for word in command]
    try:
        result = subprocess.run(words, stdout=subprocess.PIPE,
                                stderr=options.pop("stderr", subprocess.STDOUT), text=True,
                                stdin=options.pop("stdin", subprocess.DEVNULL), env=environment,
                                errors="replace", check=False, **options)
    except FileNotFoundError:
        raise DiskError(f"{what}: no {words[0]} on this machine; ./bootwire setup") from None
    if result.returncode != 0:
        raise DiskError(f"{what}: {last_words(result.stdout) or words[0] + ' failed'}")
    return result.stdout


def last_words(output: str) -> str:
    """The line of a failed command's output that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any("No space left" in line for line in lines):
        return (f"the disk is full ({directory()}): make room, "
                "or set BOOTWIRE_CACHE to a folder on a larger disk")
    for line in lines:
        if line.startswith("E: ") and "apt-get" not in line:
            return line[3:]
    return lines[-1] if lines else ""


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
