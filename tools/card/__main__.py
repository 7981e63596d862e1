"""python3 -m tools.card sdcard|tftp|release …: behind ./bootwire, whose scripts say what there is."""

from __future__ import annotations

import importlib
import sys

from tools.card.errors import CardError

VERBS = ("sdcard", "tftp", "release")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in VERBS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(f"tools.card.{arguments[0]}").main(arguments[1:]))
    except CardError as error:
        print(f"bootwire: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootwire: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"bootwire: {error.strerror}: {error.filename or 'the disk'}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
