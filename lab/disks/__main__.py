"""python3 -m lab.disks NAME…  makes the disks and prints their paths; --list says what there is."""

import argparse
import sys

from lab import disks
from lab.disks.recipes import LIO, disk_key
from lab.disks.cache import directory


def _needed(arguments: list[str]) -> list[str]:
    """pytest is of the tests, and need not be there for a disk by its name."""
    from lab.disks.needed import chosen
    return chosen(arguments)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m lab.disks", description=disks.__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="a disk; its path is printed")
    parser.add_argument("--list", action="store_true", help="the disks there are, and what is made")
    parser.add_argument("--when", choices=("test", "all"), help="the disks that all of ./bootwire test needs, "
                        "or with `all` the ones of test --all too")
    parser.add_argument("--for-tests", nargs=argparse.REMAINDER, metavar="PYTEST ARGUMENT",
                        help="the disks that the tests need which pytest would run with these arguments")
    parser.add_argument("--peer", action="store_true", help="debian-peer: disk, kernel, initramfs")
    options = parser.parse_args()
    try:
        if options.list:
            for name, disk in disks.DISKS.items():
                made = "made" if (directory() / f"{disk_key(name)}.img").exists() else ""
                print(f"{name:18} {made:5} {disk.about}")
        elif options.peer:
            print(*disks.peer(), sep="\n")
        elif options.name or options.when or options.for_tests is not None:
            wanted = options.name + [name for name, disk in disks.DISKS.items()
                                     if options.when and disk.when in ("test", options.when)]
            if options.when:
                wanted.append(LIO)
            if options.for_tests is not None:
                wanted += _needed(options.for_tests)
            for name in wanted:
                print(*(disks.lio() if name == LIO else [disks.path(name)]), sep="\n", flush=True)
        else:
            parser.print_usage()
            return 2
    except disks.DiskError as error:
        print(f"disks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("disks: stopped; nothing half-made is left", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
