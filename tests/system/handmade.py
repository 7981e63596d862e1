"""An initramfs of busybox and a script, in the shape of each of those that disks bring along."""

from __future__ import annotations

import lzma
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from image import Image

from lab.cpio import FILE, FOLDER, PROGRAM, Entry, archive
from lab.disks import roots

BEGIN = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /run /root /tmp /media /etc
/bin/busybox --install -s /bin
export PATH=/bin
"""
SHOW = 'echo "initramfs: cmdline $(cat /proc/cmdline)"\n'
MODULES = 'for module in $(cat /modules.order); do insmod /mods/$module.ko; done\n'
WAIT = "until [ -e {device} ]; do sleep 0.1; done\n"

# initramfs-tools' init of Debian 13, what it mounts and moves: its own /run, without programs.
TOOLS_MOUNTS = BEGIN + """mount -t sysfs -o nodev,noexec,nosuid sysfs /sys
mount -t proc -o nodev,noexec,nosuid proc /proc
if ! mount -t devtmpfs -o nosuid,mode=0755 udev /dev; then
    echo "initramfs: no devtmpfs"
    mount -t tmpfs -o nosuid,mode=0755 udev /dev
fi
mkdir /dev/pts
mount -t devpts -o noexec,nosuid,gid=5,mode=0620 devpts /dev/pts
mount -t tmpfs -o nodev,noexec,nosuid,size=10%,mode=0755 tmpfs /run
mkdir -m 0700 /run/initramfs
echo of-the-initramfs >/run/initramfs/mark
"""
TOOLS_SWITCH = """for folder in dev run sys proc; do mount -o move /$folder /root/$folder; done
exec switch_root -c /dev/console /root {init} "$@"
"""

# dracut's: what is mounted stays as it is.
DRACUT_MOUNTS = BEGIN + """mounted() { grep -q " $1 " /proc/mounts; }
mounted /proc || mount -t proc -o nosuid,noexec,nodev proc /proc
mounted /sys || mount -t sysfs -o nosuid,noexec,nodev sysfs /sys
mounted /dev || mount -t devtmpfs -o mode=0755,noexec,nosuid,strictatime devtmpfs /dev
mounted /run || mount -t tmpfs -o mode=0755,nosuid,nodev,strictatime tmpfs /run
echo of-the-initramfs >/run/mark
"""

# What busybox's documentation of switch_root shows: nothing is taken along.
PLAIN_MOUNTS = BEGIN + """mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
"""
PLAIN_SWITCH = """umount /proc
umount /sys
umount /dev
exec switch_root /root {init} "$@"
"""

# Alpine's mkinitfs: all that is mounted goes along, the media that the root in memory was filled from, too.
MKINITFS_MOUNTS = BEGIN + """mount -t proc -o noexec,nosuid,nodev proc /proc
mount -t sysfs -o noexec,nosuid,nodev sysfs /sys
mount -t devtmpfs -o exec,nosuid,mode=0755,size=2M devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=0620,noexec,nosuid devpts /dev/pts
mount -t tmpfs -o nodev,nosuid,noexec shm /dev/shm
"""
MKINITFS_SWITCH = """cat /proc/mounts | while read device folder type options; do
    if [ $folder != / ] && [ $folder != /root ] && [ -d $folder ]; then
        mkdir -p /root/$folder
        mount -o move $folder /root/$folder
    fi
done
sync
exec switch_root -c /dev/console /root {init} "$@"
"""

ROOT = WAIT.format(device="{root}") + "mount -t ext4 -o ro {root} /root\n"
OVERLAY = WAIT.format(device="{root}") + """mkdir /ro /rw
mount -t ext4 -o ro {root} /ro
mount -t tmpfs tmpfs /rw
mkdir /rw/up /rw/work
mount -t overlay -o lowerdir=/ro,upperdir=/rw/up,workdir=/rw/work overlay /root
"""

SHAPES = {
    "initramfs-tools": (TOOLS_MOUNTS, TOOLS_SWITCH),
    "dracut": (DRACUT_MOUNTS, TOOLS_SWITCH),
    "plain busybox": (PLAIN_MOUNTS, PLAIN_SWITCH),
    "mkinitfs": (MKINITFS_MOUNTS, MKINITFS_SWITCH),
}


def script(shape: str, middle: str = ROOT, root: str = "/dev/sda2", init: str = "/sbin/init") -> str:
    begin, end = SHAPES[shape]
    return begin + SHOW + middle.format(root=root) + end.format(init=init)


def busybox(tiny: Path, scratch: Path) -> bytes:
    """That of the tiny disk."""
    file = scratch / "busybox"
    Image(tiny).debugfs(f"dump /bin/busybox {file}")
    return file.read_bytes()


def make(program: bytes, init: str, more: list[Entry] | None = None) -> bytes:
    """The archive; console and null are the kernel's to make, or ours."""
    return archive([("bin", FOLDER, b""), ("bin/busybox", PROGRAM, program), ("init", PROGRAM, init.encode()),
                    *(more or [])])


def modules(names: list[str]) -> Iterator[Entry]:
    """Those of Debian's kernel and what they need, for `insmod` in this order."""
    with tarfile.open(roots.tar("tiny-kernel")) as tar:
        dep = next(name for name in tar.getnames() if name.endswith("/modules.dep"))
        folder = dep.removesuffix("modules.dep")
        table = tar.extractfile(dep)
        assert table
        needs: dict[str, list[str]] = {}
        for line in table.read().decode().splitlines():
            path, _, further = line.partition(":")
            needs[re.sub(r"\.ko.*", "", path.rpartition("/")[2]).replace("-", "_")] = [path, *further.split()]
        order: list[str] = []
        for name in names:
            for path in reversed(needs.get(name, [])):
                if path not in order:
                    order.append(path)
        yield "mods", FOLDER, b""
        for path in order:
            content = tar.extractfile(folder + path)
            assert content
            data = content.read()
            yield f"mods/{name_of(path)}.ko", FILE, lzma.decompress(data) if path.endswith(".xz") else data
        yield "modules.order", FILE, "".join(name_of(path) + "\n" for path in order).encode()


def name_of(path: str) -> str:
    return re.sub(r"\.ko.*", "", path.rpartition("/")[2])


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-q", "-1"], input=data, capture_output=True, check=True).stdout


def unpack_root(tiny: Path, tree: Path) -> None:
    """The tiny disk's root as a folder."""
    tree.mkdir()
    Image(tiny).debugfs(f"rdump / {tree}")


def pack(tree: Path, archive_file: Path) -> None:
    subprocess.run(["tar", "--owner=0", "--group=0", "-C", tree, "-cf", archive_file, "."], check=True)
