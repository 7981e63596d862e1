"""A root of Alpine's shape, small: busybox as init and for all else, and OpenRC with services like Alpine's own.

Alpine's packages can't be had from Debian's archive. OpenRC and busybox are Debian's, musl is left out, and none of
the scripts by which Debian's OpenRC ends the system is there. What the services do at the end is what Alpine's do.
"""

from __future__ import annotations

import json
import pathlib
import shutil

from lab.disks import cache

PACKAGES = ("openrc", "libeinfo1", "librc1t64", "libc6", "libaudit1", "libcap-ng0", "libcap2", "libpam0g",
            "libselinux1", "libpcre2-8-0")
APPLETS = ("basename cut date dirname expr fgrep egrep getty halt init install ln login md5sum mdev mkfifo mktemp "
           "modprobe pidof realpath stat swapoff swapon sysctl tac timeout unlink usleep which xargs").split()
# Of Debian's own way of ending the system.
NOT_ALPINES = ("etc/init.d/rc", "etc/init.d/rcS", "etc/init.d/agetty", "etc/init.d/cgroups", "usr/share",
               "usr/lib/aarch64-linux-gnu/gconv")

CONSOLE = "usr/lib/console"  # what a tiny root has as its init
INITTAB = f"""# As Alpine has it, with the lab's console in the place of the gettys.
::sysinit:/sbin/openrc sysinit
::sysinit:/sbin/openrc boot
::wait:/sbin/openrc default
::respawn:/{CONSOLE}
::ctrlaltdel:/sbin/reboot
::shutdown:/sbin/openrc shutdown
"""
# Services by their runlevel. The numbers of a line in `written` tell when it was written.
SERVICES = {
    "sysinit": {
        "devfs": """depend() { before root; }
start() { ebegin "Mounting what the kernel has"; mountinfo -q /sys || mount -t sysfs sysfs /sys; eend $?; }
""",
    },
    "boot": {
        "root": """start() { ebegin "Remounting the root file system read-write"; mount -o remount,rw /; eend $?; }
""",
        "localmount": """depend() { need root; }
start() { ebegin "Mounting local filesystems"; mount -t vfat /dev/sda1 /boot/firmware; eend $?; }
stop() { ebegin "Unmounting local filesystems"; umount /boot/firmware 2>/dev/null; eend 0; }
""",
    },
    "default": {
        "last-words": """depend() { need localmount; }
start() { :; }
stop() { ebegin "Writing at the end"; echo stopped >/root/stopped; eend $?; }
""",
        # openrc-init starts no console by itself.
        "console": f"""start() {{
    [ "$(cat /proc/1/comm)" = openrc-init ] || return 0
    setsid /{CONSOLE} </dev/console >/dev/console 2>&1 &
}}
""",
    },
    "shutdown": {
        "killprocs": """start() {
    ebegin "Terminating remaining processes"
    kill_all 15
    sleep 1
    eend 0
    ebegin "Killing remaining processes"
    kill_all 9
    eend 0
}
""",
        "savecache": "",  # OpenRC's own
        "mount-ro": """depend() { after killprocs savecache; }
start() {
    sync
    . "$RC_LIBEXECDIR"/sh/rc-mount.sh
    do_unmount "umount -r" --skip-point-regex "^(/dev|/dev/.*|/proc|/proc.*|/sys|/sys/.*|/run)$"
    eend 0
}
""",
    },
}

KEY = repr((2, PACKAGES, APPLETS, NOT_ALPINES, INITTAB, json.dumps(SERVICES)))


def add(tree: pathlib.Path, suite: str, arch: str) -> None:
    """Makes it of a tiny root."""
    debian = cache.REPOSITORY / "tools" / "debian.sh"
    for name in ("lib", "lib64"):
        (tree / name).symlink_to("usr/lib")
    cache.run("disk tiny-openrc", [debian, "unpack", suite, arch, tree, *PACKAGES])
    for name in NOT_ALPINES:
        path = tree / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for applet in APPLETS:
        (tree / "bin" / applet).unlink(missing_ok=True)
        (tree / "bin" / applet).symlink_to("busybox")
    for folder in ("bin", "sbin"):
        for program in sorted((tree / "usr" / folder).glob("*")):
            (tree / folder / program.name).symlink_to(f"../usr/{folder}/{program.name}")
    (tree / "sbin/init").replace(tree / CONSOLE)
    for applet in ("init", "halt", "poweroff", "reboot"):
        (tree / "sbin" / applet).unlink(missing_ok=True)
        (tree / "sbin" / applet).symlink_to("/bin/busybox")
    (tree / "etc/inittab").write_text(INITTAB)
    (tree / "etc/insserv.conf").write_text("")  # Debian's OpenRC asks for it
    for runlevel, services in SERVICES.items():
        enabled = tree / "etc/runlevels" / runlevel
        enabled.mkdir(parents=True, exist_ok=True)
        for name, body in services.items():
            script = tree / "etc/init.d" / name
            if body:
                script.write_text(f"#!/sbin/openrc-run\ndescription=\"{name}\"\n{body}")
            script.chmod(0o755)
            (enabled / name).symlink_to(f"/etc/init.d/{name}")
