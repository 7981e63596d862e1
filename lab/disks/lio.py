"""A Debian that is nothing but an iSCSI server: the kernel's own target (LIO) and targetcli, in an initramfs.

Its packages are unpacked, not set up: a shell script starts what is needed. See lab/lio.py, which uses it.
"""

import hashlib
import os
import pathlib
import re
import tarfile
from collections.abc import Iterator

from lab import cpio
from lab.disks import cache, roots
from lab.disks.recipes import LIO, root_key

MODULES = ("virtio_mmio virtio_net virtio_blk ext4 configfs target_core_mod target_core_file target_core_iblock "
           "iscsi_target_mod").split()
# Of the packages' files, what a target has no use for.
NEEDLESS = ("boot/", "usr/share/", "usr/include/", "var/", "usr/lib/systemd/", "usr/lib/initramfs-tools/",
            "usr/lib/aarch64-linux-gnu/gconv/", "usr/lib/aarch64-linux-gnu/perl")
CRYPTO = r"crc32c|md5|sha1|sha256|sha3|sha2"  # digests and CHAP: the kernel asks for these by an alias

# What a Debian with targetcli-fb has, as far as the target needs it: its settings are on a disk of their own.
INIT = f"""#!/bin/busybox sh
busybox mkdir -p /proc /sys /dev /run /tmp /state /srv/iscsi /root /var
busybox ln -s /run /var/run
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
export PATH=/usr/sbin:/usr/bin HOME=/root TERM=dumb PYTHONWARNINGS=ignore
busybox --install -s /run
PATH=$PATH:/run
for name in {' '.join(MODULES)}; do modprobe $name; done
# targetcli asks who else keeps disks.
echo root::0:0:root:/root:/bin/sh >/etc/passwd
echo root:x:0: >/etc/group
mkdir -p /run/dbus
cat >/tmp/bus.conf <<'BUS'
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
BUS
dbus-daemon --config-file=/tmp/bus.conf --nopidfile &
mount -t configfs configfs /sys/kernel/config
mkdir -p /dev/lio
for disk in /sys/block/vd*; do ln -s /dev/${{disk##*/}} /dev/lio/$(cat $disk/serial); done
mount -t ext4 /dev/lio/state /state
mkdir -p /state/rtslib
cp -r /etc/rtslib-fb-target/. /state/rtslib
rm -r /etc/rtslib-fb-target
ln -s /state/rtslib /etc/rtslib-fb-target
ip address add $(sed 's/.*address=\\([^ ]*\\).*/\\1/' /proc/cmdline) dev eth0
ip link set lo up
ip link set eth0 up
[ ! -e /etc/rtslib-fb-target/saveconfig.json ] || targetctl restore
echo "lio: up"
export PS1='lio# '
while :; do setsid cttyhack sh; done
"""


def lio() -> tuple[pathlib.Path, pathlib.Path]:
    """(kernel, initramfs), made now if they aren't there."""
    edition = hashlib.sha256(f"{MODULES}{CRYPTO}{NEEDLESS}{INIT}".encode()).hexdigest()[:8]
    kernel = cache.directory() / f"{root_key(LIO)}.vmlinuz"
    initramfs = kernel.with_name(f"{root_key(LIO)}-{edition}.initrd")
    if kernel.exists() and initramfs.exists():
        return kernel, initramfs
    tar = roots.tar(LIO)
    with cache.making(initramfs) as scratch:
        if scratch is not None:
            with tarfile.open(tar) as archive:
                name = next(name for name in archive.getnames() if "/boot/vmlinuz-" in name)
                source = archive.extractfile(name)
                assert source
                (scratch / "kernel").write_bytes(source.read())
            packed = cpio.archive([*_root(tar, scratch), ("init", cpio.PROGRAM, INIT.encode())])
            (scratch / "initramfs").write_bytes(packed)  # an emulated CPU would unpack it for long
            os.replace(scratch / "kernel", kernel)
            os.replace(scratch / "initramfs", initramfs)
            cache.say("disks: lio is ready")
    return kernel, initramfs


def _root(tar: pathlib.Path, scratch: pathlib.Path) -> Iterator[cpio.Entry]:
    """The root without what no target needs; of the kernel's modules, those that are."""
    modules = scratch / "modules"
    modules.mkdir()
    cache.run("disk lio", ["tar", "-C", modules, "--wildcards", "-xf", tar, "./usr/lib/modules/*"])
    version = next((modules / "usr/lib/modules").iterdir()).name
    (modules / "lib").symlink_to("usr/lib")
    cache.run("disk lio", ["depmod", "-b", modules, version])
    kept = set(_with_dependencies(modules / "usr/lib/modules" / version))
    indexes = {path.name for path in (modules / "usr/lib/modules" / version).glob("modules.*")}
    folder = f"usr/lib/modules/{version}"

    def wanted(name: str) -> bool:
        if name.startswith(folder + "/"):
            return name in kept
        return not name.startswith(NEEDLESS) and "/__pycache__" not in name

    with tarfile.open(tar) as archive:
        yield from cpio.of_tar(archive, wanted)
    for name in sorted(indexes):
        yield f"{folder}/{name}", cpio.FILE, (modules / folder / name).read_bytes()


def _with_dependencies(folder: pathlib.Path) -> Iterator[str]:
    """The paths of MODULES and of what they need, and the folders above these, by modules.dep."""
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        file, _, further = line.partition(":")
        needs[re.sub(r"\.ko.*", "", pathlib.Path(file).name).replace("-", "_")] = [file, *further.split()]
    wanted = [*MODULES, *(name for name in needs if re.match(CRYPTO, name))]
    for module in wanted:
        for file in needs.get(module, []):  # not there: it is in the kernel
            path = pathlib.Path("usr/lib/modules") / folder.name / file
            yield str(path)
            yield from (str(parent) for parent in path.parents)
