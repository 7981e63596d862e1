"""What there is: root trees, and the disks that carry them."""

import dataclasses
import hashlib

# Raise when the code that makes roots or images changes what comes out.
EDITION = 1

# One identity for all disks with the same kind of table, so that tests can name them.
MBR_ID = "b007d15c"
GPT_ID = "b007d15c-0000-4000-8000-0000000000%02d"  # 00 the disk, 01… its partitions
FILESYSTEM_UUID = "b007d15c-1111-4111-8111-111111111111"
FAT_ID = "B007-D15C"


@dataclasses.dataclass(frozen=True)
class Root:
    """A root tree, kept as a tar. `base` names the root it is layered on."""

    name: str
    about: str
    packages: tuple = ()
    suite: str = "trixie"
    arch: str = "arm64"
    base: str = ""
    before: str = ""  # shell, before packages are configured; $1 is the root tree
    after: str = ""  # shell, afterwards
    count: int = 0  # packages that get set up, about, for the progress line
    usually: str = ""  # how long that takes on two cores
    room: int = 1000  # megabytes needed while it is made
    unpacked: bool = False  # its packages are not set up


@dataclasses.dataclass(frozen=True)
class Disk:
    """A raw disk image: FAT boot partition and root partition, as a Raspberry Pi's card has them."""

    name: str
    about: str
    root: str
    table: str = "mbr"  # mbr, gpt, none (the file system fills the disk)
    filesystem: str = "ext4"
    megabytes: int = 1024  # of the root file system
    boot_megabytes: int = 128
    cmdline: str = "root={root} rootfstype={filesystem} fsck.repair=yes rootwait"  # "" for no file
    root_number: int = 2
    spare_megabytes: int = 0  # behind the last partition
    when: str = "test"  # it is needed: by test, all (test --all) or bench
    own_kernel: bool = False  # kernel and initramfs of the root go onto the boot partition, too

    @property
    def partuuid(self) -> str:
        """Of the root partition, as udev and the kernel write it; empty without a table."""
        return self.partuuid_of(self.root_number)

    def partuuid_of(self, number: int) -> str:
        if self.table == "mbr":
            return f"{MBR_ID}-{number:02}"
        return GPT_ID % number if self.table == "gpt" else ""

    @property
    def uuid(self) -> str:
        """Of the root file system; empty for squashfs, which has none."""
        return "" if self.filesystem == "squashfs" else FILESYSTEM_UUID

    @property
    def label(self) -> str:
        """Of the root file system, and of the GPT partition."""
        return "" if self.filesystem == "squashfs" else "rootfs"

    @property
    def cmdline_txt(self) -> str:
        """What the FAT partition's cmdline.txt says; empty if there is none."""
        if not self.cmdline or self.table == "none":
            return ""
        words = self.cmdline.format(root="PARTUUID=" + self.partuuid, filesystem=self.filesystem)
        return "console=serial0,115200 console=tty1 " + words + "\n"


# What the roots of both architectures have: a systemd that can reach "running", little more.
DEBIAN = ("systemd-sysv,udev,dbus,login,mount,kmod,iproute2,iputils-ping,netbase,procps,"
          "e2fsprogs,dosfstools").split(",")

# A machine of its own, not a copy of the builder's: mmdebstrap leaves the host's name and servers.
# It need not rebuild its linker's and its journal's caches when it first boots (ConditionNeedsUpdate=).
IDENTITY = """
echo raspberrypi >"$1/etc/hostname"
printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost\\n127.0.1.1\\traspberrypi\\n' >"$1/etc/hosts"
: >"$1/etc/resolv.conf"
: >"$1/etc/machine-id"
sed -i 's/^root:[^:]*:/root::/' "$1/etc/shadow"
mkdir -p "$1/boot/firmware"
touch -r "$1/usr" "$1/etc/.updated" "$1/var/.updated"
"""

# Something that starts with the system wants to know when the network is online.
ONLINE = """
systemctl --root="$1" add-wants multi-user.target network-online.target
"""

NETWORKD = ONLINE + """
printf '[Match]\\nName=en* eth* usb*\\n\\n[Network]\\nDHCP=yes\\n' >"$1/etc/systemd/network/80-wired.network"
systemctl --root="$1" enable systemd-networkd.service systemd-networkd-wait-online.service
"""

IFUPDOWN = ONLINE + """
{ printf 'auto lo\\niface lo inet loopback\\n'
  for name in eth0 usb0 end0; do printf '\\nallow-hotplug %s\\niface %s inet dhcp\\n' $name $name; done
} >"$1/etc/network/interfaces"
systemctl --root="$1" enable ifupdown-wait-online.service
"""

# Nothing starts the distribution's initiator: a test or a bench does, when it wants to.
NO_ISCSID = """
systemctl --root="$1" mask iscsid.service iscsid.socket open-iscsi.service
"""

# An initramfs for any machine: dracut would look for iSCSI disks on the builder.
DRACUT = """
mkdir -p "$1/etc/dracut.conf.d"
printf 'hostonly="no"\\nadd_dracutmodules+=" iscsi "\\n' >"$1/etc/dracut.conf.d/lab.conf"
"""

# Where the lab's console is, whichever UART that may be.
CONSOLE = """
echo 'T0:2345:respawn:/sbin/agetty --keep-baud 115200 console vt100' >>"$1/etc/inittab"
"""

# What a machine is used for, to be held against both kernels. Its initramfs stays as it is, which takes minutes
# to make; of AppArmor's profiles some are enough, since each takes an emulated Pi a second.
PROGRAMS = ("apparmor btrfs-progs busybox-static cryptsetup-bin crun erofs-utils exfatprogs f2fs-tools ipset iptables "
            "libcap2-bin netavark nfs-kernel-server nftables ntfs-3g openssh-server podman quota sshfs udftools ufw "
            "wireguard-tools").split()
KEEP_INITRAMFS = """
sed -i 's/^update_initramfs=.*/update_initramfs=no/' "$1/etc/initramfs-tools/update-initramfs.conf"
"""
FEW_PROFILES = """
find "$1/etc/apparmor.d" -maxdepth 1 -type f ! -name 'ch-*' ! -name 'podman' ! -name 'usr.*' ! -name 'nvidia*' -delete
"""

LIO = "lio"  # no disk, but a machine (lab/disks/lio.py)

ROOTS = {root.name: root for root in (
    Root("debian-arm64", "Debian 13, 64 bit", packages=tuple(DEBIAN), after=IDENTITY, count=118,
         usually="3 to 5 minutes"),
    Root("debian-armhf", "Debian 12, 32 bit", packages=tuple(DEBIAN), suite="bookworm", arch="armhf", after=IDENTITY,
         count=118, usually="3 to 5 minutes"),
    Root("debian-fio", "with fio, which writes and verifies", base="debian-arm64", packages=("fio",),
         count=50, usually="2 to 4 minutes"),
    Root("debian-nm", "with fio and NetworkManager", base="debian-fio", packages=("network-manager",),
         after=ONLINE, count=30, usually="1 to 2 minutes"),
    Root("debian-networkd", "with fio, systemd-networkd, its wait-online and systemd-resolved",
         base="debian-fio", packages=("systemd-resolved",), after=NETWORKD, count=3,
         usually="a minute"),
    Root("debian-12", "Debian 12 with fio", packages=(*DEBIAN, "fio"), suite="bookworm", after=IDENTITY, count=170,
         usually="5 to 8 minutes"),
    # systemd 252: its wait-online runs into its timeout where every link is unmanaged.
    Root("debian-12-networkd", "with systemd-networkd, its wait-online and systemd-resolved", base="debian-12",
         packages=("systemd-resolved",), suite="bookworm", after=NETWORKD, count=3, usually="a minute"),
    Root("debian-dhcpcd", "with fio and dhcpcd", base="debian-fio", packages=("dhcpcd",), after=ONLINE,
         count=3, usually="a minute"),
    Root("debian-connman", "with fio and connman", base="debian-fio", packages=("connman",), after=ONLINE,
         count=15, usually="1 to 2 minutes"),
    Root("debian-ifupdown", "with fio, ifupdown and resolvconf", base="debian-fio",
         packages=("ifupdown", "isc-dhcp-client", "resolvconf"), after=IFUPDOWN, count=6, usually="a minute"),
    Root("debian-initiator", "with fio and open-iscsi, which must not run by itself", base="debian-fio",
         packages=("open-iscsi",), count=10, usually="a minute", after=NO_ISCSID),
    Root("debian-open-iscsi", "with fio and open-iscsi, all of its services enabled", base="debian-fio",
         packages=("open-iscsi",), after="""
systemctl --root="$1" enable iscsid.socket iscsid.service open-iscsi.service
""", count=8, usually="a minute"),
    Root("debian-sysvinit", "with sysvinit instead of systemd", base="debian-arm64",
         packages=("sysvinit-core", "sysv-rc", "initscripts", "systemd-sysv-", "--allow-remove-essential"),
         after=CONSOLE, count=8,
         usually="1 to 2 minutes"),
    Root("debian-openrc", "with OpenRC instead of systemd", base="debian-arm64",
         packages=("sysvinit-core", "openrc", "initscripts", "systemd-sysv-",
                   "--allow-remove-essential"),
         after=CONSOLE, count=12,
         usually="1 to 2 minutes"),
    Root("debian-peer", "with its own kernel, initramfs and open-iscsi", base="debian-arm64",
         packages=("linux-image-arm64", "initramfs-tools", "open-iscsi"), count=45,
         # The hook puts iSCSI into the initramfs only where this file is.
         before='mkdir -p "$1/etc/iscsi"; touch "$1/etc/iscsi/iscsi.initramfs"',
         usually="10 to 15 minutes", room=2500),
    Root("debian-dracut", "with its own kernel, and open-iscsi in an initramfs of dracut's", base="debian-arm64",
         packages=("linux-image-arm64", "dracut", "dracut-network", "open-iscsi"), count=55,
         before=DRACUT, usually="10 to 15 minutes", room=2500),
    Root("debian-initramfs", "with its own kernel, and LUKS, LVM and overlays in an initramfs without iSCSI",
         base="debian-arm64", packages=("linux-image-arm64", "initramfs-tools", "busybox", "cryptsetup-initramfs",
                                        "lvm2", "overlayroot"), count=60, usually="10 to 15 minutes", room=2500),
    Root("debian-programs", "with its own kernel and programs that want much of it", base="debian-peer",
         packages=tuple(PROGRAMS), before=KEEP_INITRAMFS, after=FEW_PROFILES, count=110,
         usually="6 to 10 minutes", room=3000),
    Root(LIO, "the kernel's iSCSI target and targetcli", unpacked=True,
         packages=("base-files", "busybox-static", "dbus-daemon", "kmod", "linux-image-arm64", "targetcli-fb")),
    Root("tiny", "a static shell that says where it was started from", packages=("busybox-static",)),
    Root("tiny-armhf", "the same in 32 bit", packages=("busybox-static",), suite="bookworm", arch="armhf"),
    Root("tiny-kernel", "the same with Debian's own kernel and its modules",
         packages=("busybox-static", "linux-image-arm64")),
    Root("tiny-openrc", "of Alpine's shape: busybox's init, OpenRC", packages=("busybox-static", "openrc")),
)}

DISKS = {disk.name: disk for disk in (
    Disk("debian-arm64", "Debian 13, as a Raspberry Pi card has it", "debian-arm64"),
    Disk("debian-armhf", "Debian 12 in 32 bit", "debian-armhf", when="all"),
    Disk("debian-gpt", "Debian 13 with fio under a GPT", "debian-fio", table="gpt", when="all"),
    Disk("debian-nm", "Debian 13 with NetworkManager", "debian-nm", when="all"),
    Disk("debian-networkd", "Debian 13 with systemd-networkd", "debian-networkd", when="all"),
    Disk("debian-12-networkd", "Debian 12 with systemd-networkd", "debian-12-networkd", when="all"),
    Disk("debian-dhcpcd", "Debian 13 with dhcpcd", "debian-dhcpcd", when="all"),
    Disk("debian-connman", "Debian 13 with connman", "debian-connman", when="all"),
    Disk("debian-ifupdown", "Debian 13 with ifupdown and resolvconf", "debian-ifupdown", when="all"),
    Disk("debian-fio", "Debian 13 with fio (for outages)", "debian-fio"),
    Disk("debian-initiator", "Debian 13 with fio and open-iscsi (for bench)", "debian-initiator",
         when="bench"),
    Disk("debian-open-iscsi", "Debian 13 with open-iscsi", "debian-open-iscsi", when="all"),
    Disk("debian-sysvinit", "Debian 13 with sysvinit", "debian-sysvinit", when="all"),
    Disk("debian-openrc", "Debian 13 with OpenRC", "debian-openrc", when="all"),
    Disk("debian-peer", "Debian 13 that boots from iSCSI by its own means (for bench)",
         "debian-peer", megabytes=1536, when="bench"),
    Disk("debian-kexec", "the same with kernel and initramfs on its boot partition", "debian-peer",
         megabytes=1536, when="all", own_kernel=True),
    Disk("debian-dracut", "the same with dracut instead of initramfs-tools", "debian-dracut",
         megabytes=1536, when="all", own_kernel=True),
    Disk("debian-initramfs", "Debian 13 with an initramfs that knows LUKS, LVM and overlays, and no iSCSI",
         "debian-initramfs", megabytes=1536, when="all", own_kernel=True),
    Disk("debian-programs", "Debian 13 with containers, firewalls, VPNs, network file systems, encryption",
         "debian-programs", megabytes=2560, when="all", own_kernel=True),
    # The tiny ones are made in seconds, boot in one, and print which partition they are.
    Disk("tiny", "a static shell on a Raspberry Pi's layout", "tiny", megabytes=32, boot_megabytes=40),
    Disk("tiny-gpt", "the same under a GPT", "tiny", table="gpt", megabytes=32, boot_megabytes=40),
    Disk("tiny-armhf", "the same in 32 bit", "tiny-armhf", megabytes=32, boot_megabytes=40),
    Disk("tiny-whole", "ext4 without a partition table", "tiny", table="none", megabytes=32),
    Disk("tiny-plain", "no cmdline.txt", "tiny", cmdline="", megabytes=32, boot_megabytes=40),
    Disk("tiny-third", "no cmdline.txt, swap before the root partition", "tiny", cmdline="",
         root_number=3, megabytes=32, boot_megabytes=40),
    Disk("tiny-third-gpt", "the same under a GPT", "tiny", table="gpt", cmdline="", root_number=3,
         megabytes=32, boot_megabytes=40),
    Disk("tiny-firstboot", "cmdline.txt with init= and ro", "tiny", megabytes=32, boot_megabytes=40,
         cmdline="root={root} ro rootfstype={filesystem} rootwait quiet init=/usr/lib/firstboot"),
    Disk("tiny-resize", "cmdline.txt with `resize`, and room behind the last partition", "tiny",
         megabytes=32, boot_megabytes=40, spare_megabytes=64,
         cmdline="root={root} rootfstype={filesystem} rootwait resize"),
    Disk("tiny-resize-gpt", "the same under a GPT whose backup is not at the end", "tiny",
         table="gpt", megabytes=32, boot_megabytes=40, spare_megabytes=64,
         cmdline="root={root} rootfstype={filesystem} rootwait resize"),
    Disk("tiny-btrfs", "root on btrfs", "tiny", filesystem="btrfs", megabytes=160, boot_megabytes=40),
    Disk("tiny-xfs", "root on xfs", "tiny", filesystem="xfs", megabytes=320, boot_megabytes=40,
         when="all"),
    Disk("tiny-f2fs", "root on f2fs", "tiny", filesystem="f2fs", megabytes=96, boot_megabytes=40,
         when="all"),
    Disk("tiny-erofs", "root on erofs", "tiny", filesystem="erofs", megabytes=16, boot_megabytes=40,
         when="all"),
    Disk("tiny-kernel", "Debian's kernel on the boot partition, its modules beside the shell, no initramfs",
         "tiny-kernel", megabytes=320, own_kernel=True),
    Disk("tiny-openrc", "of Alpine's shape: busybox's init, OpenRC", "tiny-openrc", megabytes=64, boot_megabytes=40),
    Disk("tiny-squashfs", "root on squashfs", "tiny", filesystem="squashfs", megabytes=16,
         boot_megabytes=40, when="all"),
)}


def root_key(name: str) -> str:
    """A root's file name in the cache: another recipe, of it or of its base, is another file."""
    root = ROOTS[name]
    # What is made; not what is said while it is.
    text = repr([EDITION, name, root.packages, root.suite, root.arch, root.before, root.after,
                 root_key(root.base) if root.base else ""])
    if name.startswith("tiny"):
        from lab.disks import openrc, tiny
        text += tiny.INIT + (openrc.KEY if name == "tiny-openrc" else "")
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def disk_key(name: str) -> str:
    """The same of a disk."""
    disk = DISKS[name]
    text = repr([EDITION, name, disk.table, disk.filesystem, disk.megabytes, disk.boot_megabytes,
                 disk.cmdline, disk.root_number, disk.spare_megabytes, root_key(disk.root)])
    if disk.own_kernel:
        text += "own kernel"
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
