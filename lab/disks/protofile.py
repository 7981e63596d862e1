"""The description of a tree that mkfs.xfs reads instead of the tree: `python3 -m lab.disks.protofile DIR`."""

import os
import stat
import sys


def describe(folder: str, indent: str = "") -> None:
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        kind = {stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFREG: "-"}[stat.S_IFMT(status.st_mode)]
        mode = f"{kind}--{stat.S_IMODE(status.st_mode) & 0o777:03o} {status.st_uid} {status.st_gid}"
        if kind == "d":
            print(f"{indent}{name} {mode}")
            describe(path, indent + " ")
            print(f"{indent}$")
        else:
            print(f"{indent}{name} {mode} {os.readlink(path) if kind == 'l' else path}")


if __name__ == "__main__":
    print("/")
    print("0 0")
    print("d--755 0 0")
    describe(sys.argv[1])
    print("$")
