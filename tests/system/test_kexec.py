"""iscsi.mode=kexec: the disk's own kernel, as its boot partition names it."""

from __future__ import annotations

import gzip
import struct
import subprocess

import phrases
import pytest
from extent import with_all
from image import Image

from lab.before_init import FILE, PROGRAM, archive
from lab.machine import own_tree
from lab.servers import TARGET
from lab.tgt import Chap

BOOT_TIME = 1200  # a Debian under emulation on two busy cores; no test measures it
OURS, THEIRS = "MARKERours12345", "MARKERtheirs123"
CHAP = Chap("pi", OURS, "nas", THEIRS)
NO_TREE_OF_OURS = "none of bootwire's device trees is this board's"
SECRETS = f"iscsi.username=pi iscsi.password={OURS} iscsi.mutual.username=nas iscsi.mutual.password={THEIRS}"


class BootPartition:
    """The files of a disk's FAT partition, which starts at 4 MiB."""

    def __init__(self, image, tmp_path):
        self.drive = ["-i", f"{image}@@4M"]
        self.scratch = tmp_path / "file"

    def read(self, name: str) -> bytes:
        subprocess.run(["mcopy", "-o", "-n", *self.drive, f"::{name}", self.scratch], check=True)
        return self.scratch.read_bytes()

    def write(self, name: str, content: bytes | str) -> None:
        self.scratch.write_bytes(content.encode() if isinstance(content, str) else content)
        subprocess.run(["mcopy", "-o", *self.drive, self.scratch, f"::{name}"], check=True)

    def make_folder(self, name: str) -> None:
        subprocess.run(["mmd", *self.drive, f"::{name}"], check=True)

    def remove(self, name: str) -> None:
        subprocess.run(["mdel", *self.drive, f"::{name}"], check=True)


def fdtput(tree, *words: str) -> None:
    *kind, node, name = words[:4]
    subprocess.run(["fdtput", *kind, tree, node, name, *words[4:]], check=True)


def start(rack, image, *words, chap=None):
    rack.target(image, chap=chap)
    rack.serve()
    return rack.boot("iscsi.mode=kexec", *words)


def check_stock_kernel_with_our_init(rack, image, patience):
    """Step by step: Debian's kernel runs, every CPU, the disk is there over iSCSI, no secret is."""
    pi = start(rack, image, *SECRETS.split(), chap=CHAP)
    pi.expect_stage("ours is appended", patience)
    pi.expect_stage("logged out", patience)
    pi.console.expect(phrases.TINY_UP, patience)
    pi.login()
    assert "deb13" in pi.check("uname -r")
    assert pi.check("nproc") == str(pi.cpus)
    assert pi.check("cat /sys/class/iscsi_session/session*/targetname") == TARGET
    device = pi.check("awk '$2 == \"/\" { print $1 }' /proc/mounts | tail -n 1").removeprefix("/dev/")
    assert "session" in pi.check(f"readlink -f /sys/class/block/{device}")
    for place in ("/proc/cmdline", "/sys/firmware/devicetree/base/chosen/bootargs"):
        assert pi.run(f"grep -a -c '[M]ARKER' {place}").output.strip() == "0", place
    assert not pi.console.seen("MARKER")
    return pi


def test_a_stock_kernel_gets_our_init_and_pivots_with_its_own_modules(rack, disk):
    check_stock_kernel_with_our_init(rack, disk("tiny-kernel"), 240)


def test_what_extlinux_says_of_root_and_init_holds_for_both_kernels(rack, disk, tmp_path):
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    for name in ("config.txt", "cmdline.txt"):
        files.remove(name)
    files.make_folder("extlinux")
    files.write("extlinux/extlinux.conf",
                "label debian\n kernel /vmlinuz\n append root=/dev/mmcblk0p2 ro init=/usr/lib/firstboot\n")
    pi = start(rack, image)
    there = "root=/dev/mmcblk0p2 in the disk's extlinux/extlinux.conf, entry debian"
    pi.expect_stage(rf"root is partition 2, [^\n]*{there}", 120)
    pi.expect_stage("ours is appended", 240)
    pi.console.expect("tiny: started as /usr/lib/firstboot", 240)


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-q", "-1"], input=data, capture_output=True, check=True).stdout


def zboot(packing: str, payload: bytes) -> bytes:
    """An EFI application that unpacks itself, without its code: drivers/firmware/efi/libstub/zboot-header.S."""
    head = struct.pack("<4s4sII8x32sII", b"MZ\0\0", b"zimg", 0x1000, len(payload), packing.encode(), 0x818223CD, 64)
    return head.ljust(0x1000, b"\0") + payload


PACKINGS = {
    "gzip": lambda kernel: gzip.compress(kernel, 1),
    "zstd": zstd,
    "gzip in an EFI zboot image": lambda kernel: zboot("gzip", gzip.compress(kernel, 1)),
    "zstd in an EFI zboot image": lambda kernel: zboot("zstd", zstd(kernel) + struct.pack("<I", len(kernel))),
}


@pytest.mark.parametrize(
    "packing", ["zstd in an EFI zboot image", *with_all("gzip", "zstd", "gzip in an EFI zboot image")])
def test_the_kernel_that_lies_on_the_disk_is_the_one_that_runs(rack, disk, tmp_path, packing):
    """Written to the disk alone, and packed in another way: nothing else knows of it."""
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    kernel = files.read("vmlinuz")
    assert b"#1 SMP Debian " in kernel
    files.remove("vmlinuz")
    files.write("mine", PACKINGS[packing](kernel.replace(b"#1 SMP Debian ", b"#7 SMP Debian ")))
    files.write("config.txt", "arm_64bit=1\nkernel=mine\n")
    pi = start(rack, image)
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    assert pi.check("uname -v").startswith("#7 SMP Debian ")


@pytest.mark.long
def test_our_init_takes_the_place_of_an_initramfs_that_is_never_to_have_its_turn(rack, disk, tmp_path):
    """By the names of its files, as initramfs-tools makes one without open-iscsi."""
    theirs = archive([("init", PROGRAM, b"#!/bin/sh\n"), ("conf/initramfs.conf", FILE, b""),
                      ("scripts/local", FILE, b"")])
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    files.write("initrd.img", gzip.compress(theirs))
    files.write("config.txt", "arm_64bit=1\nkernel=vmlinuz\ninitramfs initrd.img followkernel\n")
    pi = start(rack, image, "iscsi.initramfs=never")
    pi.expect_stage("ours is appended", 240)
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    assert "deb13" in pi.check("uname -r")


def image_flags(kernel: bytes, flags: int) -> bytes:
    return kernel[:24] + struct.pack("<Q", flags) + kernel[32:]


BROKEN = {
    "a missing kernel": (lambda kernel: None, "vmlinuz, which is not on the boot partition"),
    "a 32-bit kernel": (lambda kernel: b"\0" * 0x24 + struct.pack("<I", 0x016F2818) + b"\0" * 4096,
                        "vmlinuz is a kernel for 32-bit ARM"),
    "a truncated kernel": (lambda kernel: kernel[: len(kernel) // 2], "vmlinuz is cut off"),
    "a truncated gzip": (lambda kernel: gzip.compress(kernel, 1)[:1_000_000], "vmlinuz ends in the middle"),
    "16 KB pages": (lambda kernel: image_flags(kernel, 0xC), "vmlinuz is for memory pages of 16 KB"),
}


@pytest.mark.parametrize(
    "what",
    ["a 32-bit kernel", "16 KB pages", *with_all("a missing kernel", "a truncated kernel", "a truncated gzip")])
def test_what_is_wrong_with_the_kernel_is_said_and_the_fallback_pivots(rack, disk, tmp_path, what):
    breaks, sentence = BROKEN[what]
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    kernel = breaks(files.read("vmlinuz"))
    files.remove("vmlinuz")
    if kernel is not None:
        files.write("vmlinuz", kernel)
    pi = start(rack, image, "iscsi.fallback=pivot")
    pi.expect_stage(f"{phrases.FAILED}.*{sentence}", 120)
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    assert "bootwire" in pi.check("uname -r")


OVERLAY = """/dts-v1/; /plugin/;
/ { fragment@0 { target-path = "/"; __overlay__ { by-overlay = "no"; }; };
    fragment@1 { target-path = "/"; __dormant__ { by-parameter; }; };
    __overrides__ { extra = <0>, "+1"; }; };"""


def test_the_disk_s_own_device_tree_is_given_to_its_kernel_with_what_the_firmware_found(rack, disk, tmp_path):
    """QEMU's tree as a disk would bring it: marked, without a serial number, with another memory and MAC."""
    rack.cpus = 4
    tree, overlay = own_tree(rack.board, tmp_path / "mine.dtb"), tmp_path / "mine.dtbo"
    fdtput(tree, "-t", "s", "/", "compiled-by", "the test")
    fdtput(tree, "-t", "s", "/", "model", "not yet known")
    fdtput(tree, "-t", "x", "/memory@40000000", "reg", "0", "40000000", "0", "1000000")
    subprocess.run(["dtc", "-q", "-@", "-o", overlay, "-"], input=OVERLAY, text=True, check=True)
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    files.write("mine.dtb", tree.read_bytes())
    files.make_folder("overlays")
    files.write("overlays/mine.dtbo", overlay.read_bytes())
    files.write("config.txt", "arm_64bit=1\nkernel=vmlinuz\ndevice_tree=mine.dtb\n"
                "dtoverlay=mine,extra\ndtoverlay=nobodys\n")
    pi = start(rack, image, *SECRETS.split(), chap=CHAP)
    pi.expect_stage("nobodys", 240)
    pi.expect_stage(NO_TREE_OF_OURS, 240)  # the tree in use is QEMU's
    pi.expect_stage("the device tree mine.dtb", 240)
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    node = "/sys/firmware/devicetree/base"
    assert pi.check(f"tr -d '\\0' <{node}/compiled-by") == "the test"
    assert pi.check(f"tr -d '\\0' <{node}/by-overlay") == "no"
    assert pi.check(f"ls {node}/by-parameter")
    assert pi.check(f"tr -d '\\0' <{node}/serial-number") == pi.serial
    assert pi.check(f"tr -d '\\0' <{node}/model") == "linux,dummy-virt"
    assert int(pi.check("awk '/MemTotal/ { print $2 }' /proc/meminfo")) > 500_000
    assert pi.check("nproc") == str(pi.cpus)
    assert "deb13" in pi.check("uname -r")
    assert pi.run(f"grep -a -c '[M]ARKER' {node}/chosen/bootargs").output.strip() == "0"


def test_a_device_tree_that_is_none_is_said_to_be_that(rack, disk, tmp_path):
    image = rack.copy(disk("tiny-kernel"))
    files = BootPartition(image, tmp_path)
    files.write("mine.dtb", b"\xd0\r\xfe\xed" + bytes(60))
    files.write("config.txt", "arm_64bit=1\nkernel=vmlinuz\ndevice_tree=mine.dtb\n")
    pi = start(rack, image, "iscsi.fallback=pivot")
    pi.expect_stage(f"{phrases.FAILED}.*mine.dtb: that is no device tree", 240)
    pi.console.expect(phrases.TINY_UP, 240)


@pytest.mark.long
@pytest.mark.limit(1800)
def test_a_pi_3_gives_its_disk_s_kernel_the_disk_s_tree(make_rack, disk, tmp_path):
    """Debian's kernel and the tree that comes with it, on the board with spin-table CPUs."""
    rack = make_rack("raspi3b")
    image = rack.copy(disk("tiny-kernel"))
    tree = tmp_path / "theirs.dtb"
    root = Image(image)
    release = root.debugfs("ls -p /usr/lib/modules").split("/")[-3]
    root.debugfs(f"dump /usr/lib/linux-image-{release}/broadcom/bcm2837-rpi-3-b.dtb {tree}")
    files = BootPartition(image, tmp_path)
    files.write("theirs.dtb", tree.read_bytes())
    files.write("config.txt", "arm_64bit=1\nkernel=vmlinuz\ndevice_tree=theirs.dtb\n")
    files.write("cmdline.txt", files.read("cmdline.txt").decode().strip() + " ignore_loglevel\n")
    pi = start(rack, image)
    pi.expect_stage("the device tree theirs.dtb", 300)
    assert not pi.console.seen(NO_TREE_OF_OURS) and not pi.console.seen("own device trees")
    pi.expect_stage("starting the disk's kernel", 1200)
    pi.console.expect(r"Linux version 6\.[^\n]*Debian", 120)
    pi.console.expect("Brought up 1 node, 4 CPUs", 120)
    # Our init again, under that kernel: the tree has what this board's firmware wrote into ours.
    pi.expect_stage(rf"on Raspberry Pi 3 Model B Rev 1\.2, serial {pi.serial}, revision a02082, MAC {pi.mac}", 120)
    pi.expect_stage(r"loaded \d+ modules of the disk's kernel", 120)
    # No further: to a kernel that comes after another one, QEMU's USB host shows no device.


def test_without_a_fallback_the_reason_is_shown_and_it_is_tried_again(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    BootPartition(image, tmp_path).write("config.txt", "nonsense\nkernel=typo.img\n[gpio4=1]\n")
    pi = start(rack, image)
    pi.expect_stage(f"{phrases.FAILED}.*typo.img, which is not on the boot partition", 120)
    pi.expect_stage(f"{phrases.FAILED}.*typo.img", 120)
    assert pi.console.seen("nonsense.* is not a setting")
    assert not pi.console.seen(phrases.TINY_UP)


def check_debian(rack, image, stage):
    """Step by step: its own kernel, every CPU, the disk over iSCSI, all of its services, no secret."""
    pi = start(rack, image, *rack.board.patience, *SECRETS.split(), chap=CHAP)
    pi.expect_stage(stage, 300)
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    assert pi.check("systemctl is-active multi-user.target") == "active"
    assert "deb13" in pi.check("uname -r")
    assert pi.check("nproc") == str(pi.cpus)
    device = pi.check("findmnt -no SOURCE /").removeprefix("/dev/")
    assert "session" in pi.check(f"readlink -f /sys/class/block/{device}")
    assert pi.run("grep -a -c '[M]ARKER' /proc/cmdline").output.strip() == "0"
    return pi


@pytest.mark.long
@pytest.mark.limit(5400)
def test_a_stock_debian_boots_by_its_own_kernel_and_initramfs(rack, disk):
    pi = check_debian(rack, disk("debian-kexec"), "logs in by itself: open-iscsi")
    assert "ISCSI_TARGET_NAME=" in pi.check("cat /proc/cmdline")


@pytest.mark.long
@pytest.mark.limit(5400)
def test_a_stock_debian_boots_by_its_own_kernel_and_dracut(rack, disk):
    pi = check_debian(rack, disk("debian-dracut"), "logs in by itself: dracut")
    assert "netroot=iscsi:" in pi.check("cat /proc/cmdline")


@pytest.mark.long
@pytest.mark.limit(5400)
def test_a_stock_debian_boots_by_its_own_kernel_and_our_init(rack, disk, tmp_path):
    """What its initramfs knows is not used; afterwards the session is our keeper's."""
    image = rack.copy(disk("debian-kexec"))
    BootPartition(image, tmp_path).write("config.txt", "arm_64bit=1\nkernel=vmlinuz\n")
    pi = check_debian(rack, image, "ours is appended")
    assert "connected" in pi.check("/run/bootwire/bootwirectl status")
