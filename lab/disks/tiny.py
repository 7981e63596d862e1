"""The smallest root that can tell a test what booted: Debian's static busybox and one script."""

import pathlib
import re

from lab.disks import cache

INIT = r"""#!/bin/sh
# Says what it is and where it was mounted from, then gives a shell.
[ -e /proc/mounts ] || mount -t proc proc /proc
echo "tiny: started as $0 $*"
echo "tiny: disk $(cat /etc/disk)"
echo "tiny: mounted $(awk '$2 == "/" { line = $0 } END { print line }' /proc/mounts)"
echo "tiny: cmdline $(cat /proc/cmdline)"
echo "tiny: up"
export PS1='tiny# ' HOME=/root PATH=/bin:/sbin
while :; do setsid cttyhack sh; done
"""

APPLETS = ("[ awk cat chmod cp cttyhack dd df dmesg echo env false find grep head hostname id ifconfig "
           "ip kill ln ls mkdir mkfifo mknod more mount mv nproc ping pivot_root poweroff printf ps "
           "readlink reboot rm rmdir route sed seq setsid sh sha256sum sleep sort stat stty sync tail "
           "tar tee test top touch tr true umount uname uniq uptime vi wc wget").split()


def unpack(tree: pathlib.Path, suite: str, arch: str) -> None:
    """Makes the root below `tree`."""
    debian = cache.REPOSITORY / "tools" / "debian.sh"
    package = tree.parent / "busybox"
    cache.run("disk tiny", [debian, "unpack", suite, arch, package, "busybox-static"])
    for folder in "bin boot/firmware dev etc proc root run sbin sys tmp usr/lib var".split():
        (tree / folder).mkdir(parents=True)
    binary = next(path for path in (package / "bin/busybox", package / "usr/bin/busybox")
                  if path.exists())
    (tree / "bin/busybox").write_bytes(binary.read_bytes())
    (tree / "bin/busybox").chmod(0o755)
    for applet in APPLETS:
        (tree / "bin" / applet).symlink_to("busybox")
    for name in ("sbin/init", "usr/lib/firstboot"):
        (tree / name).write_text(INIT)
        (tree / name).chmod(0o755)
    (tree / "etc/passwd").write_text("root::0:0:root:/root:/bin/sh\n")
    (tree / "etc/group").write_text("root:x:0:\n")
    (tree / "etc/resolv.conf").write_text("")
    (tree / "etc/os-release").write_text('ID=tiny\nPRETTY_NAME="the lab\'s tiny root"\n')


def add_kernel(tree: pathlib.Path, suite: str, arch: str) -> None:
    """Debian's own kernel and all of its modules, as the package has them."""
    debian = cache.REPOSITORY / "tools" / "debian.sh"
    meta = cache.run("disk tiny-kernel", [debian, "fetch", suite, arch, f"linux-image-{arch}"], stderr=None)
    depends = cache.run("disk tiny-kernel", ["dpkg-deb", "-f", meta.strip().splitlines()[-1], "Depends"])
    package = re.search(rf"linux-image-[0-9][^ ,]*-{arch}", depends)
    if not package:
        raise cache.DiskError(f"linux-image-{arch} of {suite} depends on no kernel")
    (tree / "lib").symlink_to("usr/lib")
    cache.run("disk tiny-kernel", [debian, "unpack", suite, arch, tree, package[0]])
    for config in (tree / "boot").glob("[Sc]*"):  # System.map, config
        config.unlink()
    version = next((tree / "usr/lib/modules").iterdir()).name
    cache.run("disk tiny-kernel", ["depmod", "-b", tree, version])
