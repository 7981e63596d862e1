"""Disks of other shapes: read as their firmware or boot loader would, healed where they name a card, or refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import phrases
import pytest
from image import Image
from shapes import Shape, partuuid, piece
from test_kexec import BootPartition
from workload import BOOT_TIME, boot_whole

from lab.before_init import guest_program
from lab.disks.recipes import FILESYSTEM_UUID
from lab.dnsmasq import root_path
from lab.machine import Options
from lab.servers import TARGET
from lab.tgt import Disk, Target


def boot(rack, image, *words):
    rack.target(image)
    rack.serve()
    pi = rack.boot(*words)
    pi.console.expect(phrases.TINY_UP, 120)
    return pi


def fail(rack, image, reason, *words):
    """Not even once something else is tried."""
    rack.target(image)
    rack.serve()
    pi = rack.boot(*words)
    pi.console.expect(rf"{phrases.FAILED}[^\n]*{reason}[^\n]*\n", 120)
    pi.console.expect(r"more about it: [^\n]*\n", 30)
    assert not pi.console.seen(phrases.TINY_UP)
    return pi


def mounted(pi) -> str:
    """Device, folder, type and options of the root."""
    return pi.console.text.split("tiny: mounted ")[1].splitlines()[0]


@pytest.fixture
def shape(tmp_path, disk):
    """shape(...) and the root of the tiny disk."""
    return Shape(tmp_path), piece(disk("tiny"), 2)


# What the firmware would read

AB = "[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\nos_prefix=current/\n[tryboot]\nos_prefix=new/\n"


def test_an_os_prefix_leads_to_another_command_line_and_tryboot_is_said_to_stay_untried(rack, shape, tmp_path):
    parts, root = shape
    parts.fat({"config.txt": AB, "cmdline.txt": f"root={partuuid(2)}", "new/cmdline.txt": f"root={partuuid(2)}",
               "current/cmdline.txt": f"root={partuuid(3)} rw init=/usr/lib/firstboot"})
    parts.add("83", root)
    parts.add("83", root)
    pi = boot(rack, parts.write(tmp_path / "ab.img"))
    assert pi.console.seen("tiny: started as /usr/lib/firstboot")
    assert mounted(pi).startswith("/dev/sda3 ") and mounted(pi).split()[3].startswith("rw")
    assert pi.console.seen(r"the disk's command line is in current/cmdline.txt on partition 1")
    assert pi.console.seen(r"tryboot, which does not reach a disk behind bootwire: they stay untried")


def test_autoboot_txt_chooses_the_boot_partition(rack, shape, tmp_path):
    parts, root = shape
    parts.fat({"autoboot.txt": "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=4\n",
               "cmdline.txt": f"root={partuuid(3)} from.first"})
    parts.fat({"config.txt": "[boot_partition=2]\ncmdline=second.txt\n",
               "second.txt": f"root={partuuid(3)} from.second", "cmdline.txt": f"root={partuuid(3)} from.default"})
    parts.add("83", root)
    pi = boot(rack, parts.write(tmp_path / "autoboot.img"))
    line = pi.console.text.split("tiny: cmdline ")[1].splitlines()[0].split()
    assert "from.second" in line and "from.first" not in line
    assert pi.console.seen("stay untried")


def test_autoboot_txt_that_names_no_boot_partition_is_said_and_left(rack, shape, tmp_path):
    parts, root = shape
    parts.fat({"autoboot.txt": "boot_partition=2\n", "cmdline.txt": f"root={partuuid(2)} from.first"})
    parts.add("83", root)
    pi = boot(rack, parts.write(tmp_path / "autoboot.img"))
    assert pi.console.seen(rf"{phrases.WARNING}autoboot.txt names partition 2 [^\n]*no FAT file system")
    assert "from.first" in pi.console.text.split("tiny: cmdline ")[1].splitlines()[0].split()


# What a boot loader would read

U_BOOT = {"config.txt": "arm_64bit=1\nkernel=rpi-u-boot.bin\n", "rpi-u-boot.bin": "no code"}


def test_loader_entries_on_ext4_name_the_root(rack, shape, tmp_path):
    """Fedora's layout: without them, the /boot partition would be taken for the root."""
    parts, root = shape
    parts.fat(dict(U_BOOT))
    parts.ext4({"loader/entries/f-6.12.conf": "version 6.12\nlinux /vmlinuz-6.12\n"
                f"options root={partuuid(3)} ro rootflags=commit=66 $tuned_params rhgb\n"})
    parts.add("83", root)
    image = parts.write(tmp_path / "fedora.img")
    boot_before = piece(image, 2)
    pi = boot(rack, image)
    assert mounted(pi).startswith("/dev/sda3 ") and "commit=66" in mounted(pi)
    assert pi.console.seen(r"in loader/entries/f-6.12.conf on partition 2")
    assert "rhgb" in pi.console.text.split("tiny: cmdline ")[1].splitlines()[0].split()
    assert hashlib.sha256(piece(rack.copies[0], 2)).digest() == hashlib.sha256(boot_before).digest()


@pytest.mark.parametrize("words, expected", [
    (["iscsi.root=3"], "commit=66"),
    (["iscsi.root=3", "rootflags=commit=55"], "commit=55"),
])
def test_mount_options_of_our_own_command_line_win_over_the_disks(rack, shape, tmp_path, words, expected):
    parts, root = shape
    parts.fat(dict(U_BOOT))
    parts.ext4({"loader/entries/f.conf": "linux /vmlinuz\noptions root=UUID=gone ro rootflags=commit=66\n"})
    parts.add("83", root)
    pi = boot(rack, parts.write(tmp_path / "fedora.img"), *words)
    assert expected in mounted(pi)
    flags = [word for word in pi.console.text.split("tiny: cmdline ")[1].splitlines()[0].split()
             if word.startswith("rootflags=")]
    assert flags == [f"rootflags={expected}"]


OLD = "/bin-of-old/busybox"


def move_into_subvolume(pi) -> None:
    """The running root becomes a subvolume `root`, as Fedora has it: mkfs.btrfs makes none."""
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware && mkdir -p /tmp/top && rm -rf /root")
    pi.check("mount -t btrfs -o subvolid=5 /dev/sda2 /tmp/top && /boot/firmware/subvol create /tmp/top/root")
    pi.check("cd /tmp/top && cp -a bin boot dev etc proc run sbin sys tmp usr var root/ && mkdir root/root", 120)
    pi.check("cd / && umount /tmp/top && umount /boot/firmware && mv /sbin /sbin-of-old && sync")
    pi.check(f"mv /bin /bin-of-old; {OLD} sync")
    pi.power_off()


def test_a_subvolume_of_btrfs_is_named_taken_when_asked_for_and_taken_by_default(rack, disk, tmp_path):
    """By our own rootflags=, as on Fedora without its entries, and as openSUSE's default subvolume."""
    image = rack.copy(disk("tiny-btrfs"))
    BootPartition(image, tmp_path).write("subvol", guest_program("subvolume"))
    move_into_subvolume(boot(rack, image))
    pi = rack.boot()
    pi.console.expect(r"no /sbin/init, but one in root\n[^\n]*rootflags=subvol=root", 120)
    pi.power_off()

    pi = rack.boot("iscsi.root=2", "rootflags=subvol=root")
    pi.console.expect(phrases.TINY_UP, 120)
    assert "subvol=/root" in mounted(pi)
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware && /boot/firmware/subvol default / && sync")
    pi.power_off()

    pi = rack.boot()
    pi.console.expect(phrases.TINY_UP, 120)
    assert "subvol=/root" in mounted(pi)


def boot_as(rack, name: str, image: Path, *words: str):
    """From a target of its own."""
    rack.target(image, name=f"{TARGET}-{name}")
    rack.change(root_path=root_path(f"{TARGET}-{name}"))
    pi = rack.boot(*words)
    pi.console.expect(phrases.TINY_UP, 120)
    return pi


def test_the_disks_of_fedora_and_opensuse_boot_without_a_word_of_ours(rack, disk, tmp_path):
    """EFI FAT, ext4 /boot with loader entries, btrfs with subvolume root; EFI FAT with GRUB, btrfs with a default."""
    image = rack.copy(disk("tiny-btrfs"))
    BootPartition(image, tmp_path).write("subvol", guest_program("subvolume"))
    move_into_subvolume(boot(rack, image))
    fedora = Shape(tmp_path / "fedora")
    fedora.directory.mkdir()
    fedora.fat({**U_BOOT, "EFI/fedora/grub.cfg": "search --file /loader\n", "subvol": guest_program("subvolume")}, 4)
    fedora.ext4({"loader/entries/6.12.conf": "title Fedora\nversion 6.12\nlinux /vmlinuz\ninitrd /initramfs.img\n"
                 f"options root=UUID={FILESYSTEM_UUID} ro rootflags=subvol=root rhgb\n"})
    fedora.add("83", piece(rack.copies[-1], 2))
    pi = boot_as(rack, "fedora", fedora.write(tmp_path / "fedora.img"))
    assert mounted(pi).startswith("/dev/sda3 ") and "subvol=/root" in mounted(pi)
    pi.login()
    pi.check("mount -o remount,rw / && mount /dev/sda1 /boot/firmware && /boot/firmware/subvol default / && sync")
    pi.check("umount /boot/firmware && mount -o remount,ro /")
    pi.power_off()

    opensuse = Shape(tmp_path / "opensuse")
    opensuse.directory.mkdir()
    opensuse.fat({**U_BOOT, "EFI/BOOT/grub.cfg": "set root=(hd0,2)\n"})
    opensuse.add("83", piece(rack.copies[-1], 3))
    pi = boot_as(rack, "opensuse", opensuse.write(tmp_path / "opensuse.img"))
    assert mounted(pi).startswith("/dev/sda2 ") and "subvol=/root" in mounted(pi)
    assert "rootflags" not in pi.console.text.split("tiny: cmdline ")[1].splitlines()[0]


# Roots that lack something

FOLDERS = ("dev", "proc", "run", "sys")


def without_folders(rack, disk, cmdline, tmp_path) -> Path:
    """As NixOS has it: its initramfs makes them."""
    image = rack.copy(disk("tiny"))
    root = Image(image)
    for folder in FOLDERS:
        root.debugfs(f"rmdir /{folder}", "-w")
    BootPartition(image, tmp_path).write("cmdline.txt", f"root={partuuid(2)} {cmdline}\n")
    return image


@pytest.mark.parametrize("word, options", [("rw", "rw"), ("quiet", "ro")])
def test_a_root_without_folders_gets_them_and_nothing_else(rack, disk, tmp_path, word, options):
    pi = boot(rack, without_folders(rack, disk, word, tmp_path))
    assert pi.console.seen(r"the root disk has no folder /dev, /proc, /sys, /run: made")
    assert mounted(pi).split()[3].split(",")[0] == options
    pi.login()
    pi.check("mount -o remount,ro / || true; sync")
    there = Image(rack.copies[-1]).debugfs("ls -p /")
    assert all(f"/{folder}/" in there for folder in FOLDERS)


def test_a_root_without_folders_that_says_ro_is_left_as_it_is(rack, disk, tmp_path):
    image = without_folders(rack, disk, "ro", tmp_path)
    fail(rack, image, "the root disk has no folder /dev, /proc, /sys, /run, and its command line says ro")
    assert "/dev/" not in Image(rack.copies[-1]).debugfs("ls -p /")


def test_a_root_without_folders_on_a_read_only_lun_says_so(rack, disk, tmp_path):
    image = without_folders(rack, disk, "rootwait", tmp_path)
    rack.tgt.add(Target(TARGET, [Disk(image, 1, read_only=True)]))
    rack.tgt.start()
    rack.serve()
    pi = rack.boot()
    pi.console.expect(rf"{phrases.FAILED}[^\n]*no folder /dev, /proc, /sys, /run: cannot mount", 120)
    assert not pi.console.seen(phrases.TINY_UP)


def test_libreelec_is_named(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    root = Image(image)
    root.run("tune2fs", "-L", "STORAGE", f"{image}?offset={root.root}")
    BootPartition(image, tmp_path).write("cmdline.txt", "boot=LABEL=LIBREELEC disk=LABEL=STORAGE quiet\n")
    pi = fail(rack, image, "the disk holds LibreELEC")
    assert pi.console.seen(phrases.more_about("No root file system"))


@pytest.mark.parametrize("word", ["overlayroot=tmpfs", "boot=overlay"])
def test_a_disk_that_asks_for_an_overlay_is_not_written_to(rack, disk, tmp_path, word):
    image = rack.copy(disk("tiny-resize"))
    BootPartition(image, tmp_path).write("cmdline.txt", f"root={partuuid(2)} rw resize {word}\n")
    before = hashlib.sha256(image.read_bytes()).digest()
    pi = fail(rack, image, rf"not to be written to[^\n]*{word} in its cmdline.txt")
    assert pi.console.seen("have its config.txt name the initramfs")
    assert pi.console.seen(phrases.more_about("The disk is not to be written to"))
    assert hashlib.sha256(rack.copies[-1].read_bytes()).digest() == before


def test_a_disk_that_asks_for_an_overlay_in_a_file_is_not_written_to(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    conf = tmp_path / "overlayroot.conf"
    conf.write_text('overlayroot_cfgdisk="disabled"\noverlayroot="tmpfs"\n')
    Image(image).put(conf, "/etc/overlayroot.conf")
    BootPartition(image, tmp_path).write("cmdline.txt", f"root={partuuid(2)} rw\n")
    before = hashlib.sha256(image.read_bytes()).digest()
    fail(rack, image, "not to be written to[^\\n]*overlayroot=tmpfs in its /etc/overlayroot.conf")
    assert hashlib.sha256(rack.copies[-1].read_bytes()).digest() == before


def test_an_overlay_is_not_lost_on_the_way_through_kexec(rack, disk, tmp_path):
    """Where ours takes the place of the disk's initramfs, nobody would make it."""
    image = rack.copy(disk("tiny-kernel"))
    BootPartition(image, tmp_path).write("cmdline.txt", f"root={partuuid(2)} rw overlayroot=tmpfs\n")
    pi = fail(rack, image, "not to be written to", "iscsi.mode=kexec")
    assert not pi.console.seen("starting the disk's kernel")


# An fstab that names a card

CARD = "proc /proc proc defaults 0 0\n/dev/mmcblk0p1 /boot/firmware vfat defaults 0 2\n/dev/mmcblk0p2 / ext4 ro 0 1\n"
HEALED = CARD.replace("/dev/mmcblk0p", "/dev/sda")


def put_fstab(image: Path, text: str) -> None:
    root, source = Image(image), image.with_suffix(".fstab")
    source.write_text(text)
    root.debugfs("rm /etc/fstab", "-w")
    root.put(source, "/etc/fstab")
    source.unlink()


def test_an_fstab_that_names_the_card_is_shown_with_the_disks_partitions(rack, disk):
    image = rack.copy(disk("tiny"))
    put_fstab(image, CARD)
    pi = boot(rack, image)
    pi.login()
    assert HEALED.strip() in pi.check("cat /etc/fstab").replace("\r", "")
    pi.check("mount /boot/firmware && test -e /boot/firmware/cmdline.txt")
    pi.check("mount -o remount,rw /")
    assert "Read-only" in pi.run("echo x >>/etc/fstab").output
    assert Image(rack.copies[-1]).read("/etc/fstab") == CARD.strip(), "the disk's own"


def test_a_copy_of_the_disk_beside_it_is_not_taken_for_it(rack, disk):
    """As a card that was copied to the LUN and left in the slot."""
    copy = rack.copy(disk("tiny"))
    rack.target(copy)
    rack.serve()
    drive = ["-drive", f"if=none,id=other,format=raw,file={copy}", "-device", "virtio-blk-device,drive=other"]
    pi = rack.boot(options=Options(cpus=2, extra=drive))
    pi.console.expect(rf"{phrases.WARNING}another disk here has partitions with the same PARTUUIDs", 120)
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    lines = [line.split() for line in pi.check("cat /etc/fstab").splitlines() if not line.startswith("#")]
    assert {folder: device for device, folder, *_ in lines} == {
        "/proc": "proc", "/boot/firmware": "/dev/sda1", "/": "/dev/sda2"}


@pytest.mark.long
def test_a_debian_whose_fstab_names_the_card_reaches_running(rack, disk):
    image = rack.copy(disk("debian-arm64"))
    put_fstab(image, CARD.replace(" ro 0 1", " defaults,noatime 0 1"))
    rack.target(image)
    rack.serve()
    pi = boot_whole(rack)
    assert pi.check("systemctl is-system-running") == "running"
    assert pi.check("findmnt -no SOURCE /boot/firmware", BOOT_TIME) == "/dev/sda1"
