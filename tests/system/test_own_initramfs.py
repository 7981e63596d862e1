"""The disk's own initramfs gets its turn: it finds the disk as on a card, and the session outlives its switch."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from pathlib import Path

import handmade
import phrases
import pytest
from ending import END_TIME, IN_PLACE, ORDER, check_order, end
from extent import with_all
from image import Image
from shapes import Shape, partuuid, piece
from test_disk_shapes import fail
from test_kexec import BOOT_TIME, BootPartition, check_debian
from volumes import luks, lvm

from lab.servers import TARGET
from lab.tgt import Disk, Target

TURN = "the disk's own initramfs gets its turn"
LUKS_UUID = "b007d15c-2222-4222-8222-222222222222"
CONFIG = "arm_64bit=1\nkernel=vmlinuz\ninitramfs initrd.img followkernel\n"


@pytest.fixture
def theirs(tmp_path, disk):
    """theirs(script): the archive of such an initramfs."""
    program = handmade.busybox(disk("tiny"), tmp_path)
    return lambda init, *more: handmade.make(program, init, list(more))


def with_initramfs(rack, disk, tmp_path, initramfs: bytes, cmdline: str) -> Path:
    """A tiny disk for a kernel that is ours: its own would not start."""
    image = rack.copy(disk("tiny"))
    files = BootPartition(image, tmp_path)
    files.write("vmlinuz", b"no code")
    files.write("initrd.img", initramfs)
    files.write("config.txt", CONFIG)
    files.write("cmdline.txt", cmdline + "\n")
    return image


def boot(rack, image, *words):
    rack.target(image)
    rack.serve()
    pi = rack.boot(*words)
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    return pi


def check_kept(pi):
    """What the system needs of us is there, and the keeper answers and gets the session back."""
    assert "connected" in pi.check("/run/bootwire/bin/bootwirectl status")
    assert pi.check("/run/bootwire/bin/bootwirectl reconnect", 120)
    assert "connected" in pi.check("/run/bootwire/bootwirectl status")
    pi.check("test -x /run/initramfs/shutdown && test -e /run/bootwire/boot.log && test -d /run/bootwire/ending")
    pi.check("test -e /run/NetworkManager/conf.d/00-bootwire.conf")


def seen_by_initramfs(pi) -> list[str]:
    return pi.console.text.split("initramfs: cmdline ")[1].splitlines()[0].split()


@pytest.mark.parametrize("shape", ["initramfs-tools", *with_all("dracut", "plain busybox")])
def test_a_root_over_which_the_initramfs_lays_an_overlay_is_not_written_to(rack, disk, tmp_path, theirs, shape):
    """Under our kernel, whatever the initramfs makes of /proc and /run; the system ends in order."""
    init = handmade.script(shape, handmade.OVERLAY)
    cmdline = f"root={partuuid(2)} rw overlayroot=tmpfs"
    image = with_initramfs(rack, disk, tmp_path, handmade.zstd(theirs(init)), cmdline)
    before = hashlib.sha256(image.read_bytes()).digest()
    pi = boot(rack, image)
    assert pi.console.seen(f"{TURN}: overlayroot=tmpfs in the disk's cmdline.txt")
    assert not pi.console.seen("initramfs: no devtmpfs")
    assert "overlayroot=tmpfs" in seen_by_initramfs(pi)
    if shape == "plain busybox":
        pi.check("mount -t devtmpfs dev /dev; mount -t sysfs sys /sys")
    assert " overlay " in pi.check("grep ' / ' /proc/mounts | tail -n 1")
    pi.check("echo changed >/etc/disk && sync")
    assert "overlayroot=tmpfs" in pi.check("cat /proc/cmdline").split()
    check_kept(pi)
    end(pi, "exec /run/initramfs/shutdown poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE[2:])
    assert rack.tgt.sessions() == []
    assert hashlib.sha256(rack.copies[-1].read_bytes()).digest() == before


def test_what_the_initramfs_has_in_its_own_run_stays(rack, disk, tmp_path, theirs):
    image = with_initramfs(rack, disk, tmp_path, theirs(handmade.script("initramfs-tools")), "root=/dev/mapper/x")
    pi = boot(rack, image)
    assert pi.console.seen(rf"{TURN}: root=/dev/mapper/x in the disk's cmdline.txt")
    assert pi.check("cat /run/initramfs/mark") == "of-the-initramfs"
    check_kept(pi)


def test_an_overlay_that_a_file_of_the_root_asks_for_is_made_by_the_initramfs(rack, disk, tmp_path, theirs):
    init = handmade.script("initramfs-tools", handmade.OVERLAY)
    image = with_initramfs(rack, disk, tmp_path, theirs(init), f"root={partuuid(2)} rw")
    conf = tmp_path / "overlayroot.conf"
    conf.write_text('overlayroot="tmpfs"\n')
    Image(image).put(conf, "/etc/overlayroot.conf")
    pi = boot(rack, image)
    assert pi.console.seen(f"{phrases.WARNING}[^\n]*overlayroot.conf[^\n]*{TURN}")
    assert " overlay " in pi.check("grep ' / ' /proc/mounts | tail -n 1")


DISKLESS = handmade.WAIT.format(device="/dev/sda1") + """mkdir -p /media/sda1
mount -t vfat -o ro /dev/sda1 /media/sda1
mount -t tmpfs -o mode=0755 tmpfs /root
tar -C /root -xf /media/sda1/pi.apkovl.tar
mkdir -p /root/media/sda1
mount -o move /media/sda1 /root/media/sda1
"""


def test_a_disk_without_a_root_lives_in_memory_as_its_initramfs_makes_it(rack, disk, tmp_path, theirs):
    """As Alpine's diskless image: one FAT partition, from which a root in memory is filled."""
    tree = tmp_path / "tree"
    handmade.unpack_root(disk("tiny"), tree)
    handmade.pack(tree, tmp_path / "overlay.tar")
    parts = Shape(tmp_path)
    parts.fat({"config.txt": CONFIG, "cmdline.txt": "modules=loop,squashfs,sd-mod quiet", "vmlinuz": "no code",
               "initrd.img": handmade.zstd(theirs(handmade.script("initramfs-tools", DISKLESS))),
               "pi.apkovl.tar": (tmp_path / "overlay.tar").read_bytes()}, megabytes=24)
    pi = boot(rack, parts.write(tmp_path / "diskless.img"))
    assert pi.console.seen(f"{TURN}: there is no root file system on the disk")
    assert " tmpfs " in pi.check("grep ' / ' /proc/mounts | tail -n 1")
    assert pi.check("cat /media/sda1/cmdline.txt")
    check_kept(pi)


# Alpine's diskless image: OpenRC under busybox's init, in a memory that mkinitfs's init has filled from the FAT.
ALPINE = handmade.WAIT.format(device="/dev/sda1") + """mkdir -p /media/sda1
mount -t vfat -o ro /dev/sda1 /media/sda1
mount -t tmpfs -o mode=0755 tmpfs /root
tar -C /root -xzf /media/sda1/pi.apkovl.tar.gz
"""
# What belongs to an installation on the disk's second partition.
NOT_DISKLESS = ("etc/runlevels/boot/localmount", "etc/runlevels/default/last-words")


def alpine(disk, tmp_path, initramfs: bytes, vmlinuz: bytes) -> Path:
    tree = tmp_path / "tree"
    handmade.unpack_root(disk("tiny-openrc"), tree)
    for name in NOT_DISKLESS:
        (tree / name).unlink()
    handmade.pack(tree, tmp_path / "overlay.tar")
    parts = Shape(tmp_path)
    parts.fat({"config.txt": CONFIG, "cmdline.txt": "modules=loop,squashfs,sd-mod quiet", "vmlinuz": vmlinuz,
               "initrd.img": initramfs, "pi.apkovl.tar.gz": gzip.compress((tmp_path / "overlay.tar").read_bytes(), 1)},
              megabytes=96)
    return parts.write(tmp_path / "alpine.img")


def check_alpine(rack, pi):
    """It lives in memory, keeps what it needs of us, and ends by its own scripts, and with a logout."""
    assert " tmpfs " in pi.check("grep ' / ' /proc/mounts | tail -n 1")
    assert pi.check("cat /media/sda1/cmdline.txt")
    assert pi.check("cat /proc/1/comm") == "init"
    check_kept(pi)
    assert "bootwire-keeper" not in pi.check("ps"), "it has process numbers of its own"
    end(pi, "poweroff")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, ["Terminating remaining processes", "The system is going down NOW",
                                  *ORDER[1:], r"\[shutdown\] [^\n]* poweroff\n"])
    assert rack.tgt.sessions() == []


def test_alpines_diskless_system_logs_out_at_its_end(rack, disk, tmp_path, theirs):
    initramfs = handmade.zstd(theirs(handmade.script("mkinitfs", ALPINE)))
    pi = boot(rack, alpine(disk, tmp_path, initramfs, b"no code"))
    assert pi.console.seen(f"{TURN}: there is no root file system on the disk")
    check_alpine(rack, pi)


def test_it_always_gets_its_turn_if_that_is_asked_for_and_never_if_not(rack, disk, tmp_path, theirs):
    image = with_initramfs(rack, disk, tmp_path, theirs(handmade.script("dracut")), f"root={partuuid(2)} rw")
    pi = boot(rack, image)
    assert not pi.console.seen("initramfs: cmdline"), "it need not"
    pi.power_off()
    pi = rack.boot("iscsi.initramfs=always", "iscsi.root=2")
    pi.console.expect(phrases.TINY_UP, 240)
    assert f"root={partuuid(2)}" in seen_by_initramfs(pi)
    pi.power_off()
    BootPartition(rack.copies[-1], tmp_path).write("cmdline.txt", f"root={partuuid(2)} overlayroot=tmpfs\n")
    pi = rack.boot("iscsi.initramfs=never")
    pi.console.expect(f"{phrases.FAILED}[^\n]*not to be written to", 240)


@pytest.mark.parametrize("what, initramfs, sentence", [
    ("xz", lambda data: lzma.compress(data), "initrd.img is compressed with xz, which bootwire cannot unpack"),
    ("cut off", lambda data: handmade.zstd(data)[:-100], "initrd.img ends in the middle"),
])
def test_an_initramfs_that_cannot_be_used_is_said_to_be_so(rack, disk, tmp_path, theirs, what, initramfs, sentence):
    broken = initramfs(theirs(handmade.script("dracut")))
    image = with_initramfs(rack, disk, tmp_path, broken, f"root={partuuid(2)} overlayroot=tmpfs")
    pi = fail(rack, image, sentence)
    assert pi.console.seen(phrases.more_about("The disk's initramfs cannot be used"))


# Under the disk's own kernel


def with_kernel(rack, disk, tmp_path, initramfs: bytes, cmdline: str) -> Path:
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    files.write("initrd.img", initramfs)
    files.write("config.txt", CONFIG)
    files.write("cmdline.txt", cmdline + "\n")
    return image


@pytest.mark.parametrize("packing", ["zstd", *with_all("xz")])
def test_under_the_disks_kernel_its_initramfs_finds_the_disk_that_ours_has_attached(
        rack, disk, tmp_path, theirs, packing):
    """It knows nothing of iSCSI; the command line is the disk's own."""
    init = handmade.script("initramfs-tools", handmade.MODULES + handmade.ROOT)
    plain = theirs(init, *handmade.modules(["ext4"]))
    packed = lzma.compress(plain, lzma.FORMAT_XZ, lzma.CHECK_CRC32) if packing == "xz" else handmade.zstd(plain)
    image = with_kernel(rack, disk, tmp_path, packed, f"root={partuuid(2)} rw of.the.disk single")
    rack.target(image)
    rack.serve()
    pi = rack.boot("iscsi.mode=kexec", "iscsi.strict=0")
    pi.expect_stage("ours is appended, and has its turn first", 240)
    pi.expect_stage("starting /init of the disk's initramfs", 300)
    pi.console.expect("initramfs: cmdline", 240)
    pi.console.expect(r"tiny: started as /sbin/init single", 240)
    pi.login()
    assert "deb13" in pi.check("uname -r")
    line = pi.check("cat /proc/cmdline").split()
    assert "of.the.disk" in line and not [word for word in line if word.startswith("iscsi.")]
    check_kept(pi)


@pytest.mark.long
def test_alpines_diskless_system_logs_out_under_its_own_kernel_too(rack, disk, tmp_path, theirs):
    init = handmade.script("mkinitfs", handmade.MODULES + ALPINE)
    initramfs = handmade.zstd(theirs(init, *handmade.modules(["vfat", "nls_cp437", "nls_ascii", "nls_iso8859_1"])))
    vmlinuz = BootPartition(rack.copy(disk("tiny-kernel")), tmp_path).read("vmlinuz")
    rack.target(alpine(disk, tmp_path, initramfs, vmlinuz))
    rack.serve()
    pi = rack.boot("iscsi.mode=kexec")
    pi.console.expect(phrases.TINY_UP, 300)
    pi.login()
    assert "deb13" in pi.check("uname -r")
    check_alpine(rack, pi)


# Real ones, of Debian's


@pytest.mark.long
@pytest.mark.limit(5400)
def test_a_stock_debian_boots_by_its_own_kernel_and_an_initramfs_that_knows_no_iscsi(rack, disk):
    pi = check_debian(rack, disk("debian-initramfs"), "has its turn first")
    assert "connected" in pi.check("bootwirectl status")
    end(pi, "systemctl poweroff")
    pi.machine.wait(END_TIME)
    assert rack.tgt.sessions() == []


@pytest.mark.long
@pytest.mark.limit(5400)
def test_overlayroot_of_debian_keeps_a_shared_disk_as_it_is(rack, disk, tmp_path):
    image = rack.copy(disk("debian-initramfs"))
    BootPartition(image, tmp_path).write("cmdline.txt", f"root={partuuid(2)} rw overlayroot=tmpfs\n")
    rack.tgt.add(Target(TARGET, [Disk(image, 1, read_only=True)]))
    rack.tgt.start()
    rack.serve()
    pi = rack.boot(*rack.board.patience)
    pi.expect_stage(f"{TURN}: overlayroot=tmpfs", 300)
    pi.login(BOOT_TIME)
    assert pi.check("findmnt -no FSTYPE /") == "overlay"
    assert "bootwire" in pi.check("uname -r")
    pi.check("echo changed >/etc/motd")
    assert "connected" in pi.check("bootwirectl status")
    end(pi, "systemctl poweroff")
    pi.machine.wait(END_TIME)
    assert rack.tgt.sessions() == []


def behind(rack, disk, tmp_path, volume: bytes, cmdline: str):
    """A tiny root behind something that Debian's own initramfs knows; started by its kernel."""
    stock = rack.copy(disk("debian-initramfs"))
    files = BootPartition(stock, tmp_path)
    parts = Shape(tmp_path)
    parts.fat({"config.txt": CONFIG, "cmdline.txt": cmdline, "vmlinuz": files.read("vmlinuz"),
               "initrd.img": files.read("initrd.img")}, megabytes=120)
    parts.add("83", volume)
    rack.target(parts.write(tmp_path / "behind.img"))
    rack.serve()
    pi = rack.boot("iscsi.mode=kexec")
    pi.expect_stage("ours is appended, and has its turn first", 300)
    return pi


@pytest.mark.long
@pytest.mark.limit(2400)
def test_a_root_behind_luks_is_unlocked_at_the_console(rack, disk, tmp_path):
    volume = luks(piece(disk("tiny"), 2), "open sesame", LUKS_UUID, tmp_path)
    opened = f"cryptopts=target=cryptroot,source=UUID={LUKS_UUID},luks"
    pi = behind(rack, disk, tmp_path, volume, f"root=/dev/mapper/cryptroot rw {opened}")
    pi.console.expect("unlock disk", BOOT_TIME)
    pi.console.send_line("open sesame")
    pi.console.expect(phrases.TINY_UP, BOOT_TIME)
    pi.login()
    assert "/dev/mapper/cryptroot" in pi.check("grep ' / ' /proc/mounts")
    check_kept(pi)


@pytest.mark.long
@pytest.mark.limit(2400)
def test_a_root_behind_lvm_is_found(rack, disk, tmp_path):
    pi = behind(rack, disk, tmp_path, lvm(piece(disk("tiny"), 2)), "root=/dev/mapper/lab-root rw")
    pi.console.expect(phrases.TINY_UP, BOOT_TIME)
    pi.login()
    assert "/dev/mapper/lab-root" in pi.check("grep ' / ' /proc/mounts")
    check_kept(pi)
