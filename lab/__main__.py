"""python3 -m lab run COMMAND…   a command inside the lab's network
python3 -m lab demo …          boot a disk and hand over the console
python3 -m lab bench NAME …    measure, most of it beside Debian's own way: boot, outage, disk, usb, fleet

Each verb explains itself with --help.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
import sys

from lab import network
from lab.errors import LabError
from lab.processes import die_with_parent


BENCHES = ("boot", "outage", "disk", "usb", "fleet")


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print("usage: python3 -m lab run COMMAND [ARGUMENT…]\nRuns the command in the lab's network namespace.")
        return 0 if words else 2
    child = subprocess.Popen(words, preexec_fn=die_with_parent)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it too, and decides
            continue


def _bench(words: list[str]) -> int:
    if not words or words[0] not in BENCHES:
        raise LabError(f"the benches are: {', '.join(BENCHES)}")
    return importlib.import_module(f"bench.{words[0]}").main(words[1:])


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    within = arguments[0] == "--inside"
    verb, rest = arguments[1 if within else 0], arguments[2 if within else 1 :]
    if verb not in ("run", "demo", "bench"):
        raise LabError(f"unknown verb {verb!r}: run, demo, bench")
    needs_no_network = verb != "run" and any(word in ("-h", "--help", "--check") for word in rest)
    if not within and not network.inside() and not needs_no_network:
        network.enter(arguments)
    if within:
        network.prepare()
        # The first process of a namespace ignores what it does not handle.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _end)
    if verb == "run":
        return _run(rest)
    if verb == "bench":
        return _bench(rest)
    from lab import demo

    return demo.main(rest)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        print(f"lab: {error.strerror}: {error.filename or 'the disk'}", file=sys.stderr)
        sys.exit(1)
