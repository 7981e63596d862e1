"""Which file system of the disk becomes the root, and what of its cmdline.txt is heard."""

from __future__ import annotations

import hashlib
import json
import subprocess

import phrases
import pytest
from extent import with_all
from image import Image

from lab.disks import DISKS
from lab.processes import run

MBR, GPT = DISKS["tiny"], DISKS["tiny-gpt"]


def boot(rack, image, *words):
    rack.target(image)
    rack.serve()
    pi = rack.boot(*words)
    pi.console.expect(phrases.TINY_UP, 120)
    return pi


def booted(pi) -> str:
    """name, table and partition of the disk, as its /etc/disk has it"""
    return pi.console.text.split("tiny: disk ")[1].splitlines()[0]


@pytest.mark.parametrize("name", ["tiny", "tiny-gpt"])
def test_root_is_what_the_disks_cmdline_txt_says(rack, disk, name):
    pi = boot(rack, disk(name))
    assert booted(pi) == f"{name} {DISKS[name].table} partition 2 ext4"


@pytest.mark.parametrize("name, number", [("tiny-plain", 2), ("tiny-third", 3), ("tiny-third-gpt", 3)])
def test_without_cmdline_txt_root_is_the_second_partition_or_the_only_linux_file_system(rack, disk, name, number):
    pi = boot(rack, disk(name))
    assert f"partition {number} " in booted(pi)


def test_a_32_bit_root_boots(rack, disk):
    """Debian's armhf busybox; all of a 32-bit Debian is in test_other_debians.py."""
    pi = boot(rack, disk("tiny-armhf"))
    pi.login()
    elf_class = hashlib.sha256(b"\1").hexdigest()  # ELFCLASS32
    assert pi.check("head -c 5 /bin/busybox | tail -c 1 | sha256sum").startswith(elf_class)
    assert pi.check("uname -m") == "aarch64"


def test_a_disk_without_partitions_is_its_own_root(rack, disk):
    pi = boot(rack, disk("tiny-whole"))
    assert booted(pi).startswith("tiny-whole none")


FORMS = [
    ("tiny", f"PARTUUID={MBR.partuuid}"),
    ("tiny", f"UUID={MBR.uuid}"),
    ("tiny", f"LABEL={MBR.label}"),
    ("tiny", "2"),
    ("tiny", "/dev/mmcblk0p2"),
    ("tiny-gpt", f"PARTUUID={GPT.partuuid}"),
    ("tiny-gpt", f"PARTLABEL={GPT.label}"),
    ("tiny-third", "3"),
    ("tiny-whole", "whole"),
]
# What does not depend on the kind of table has been seen on the other.
MORE_FORMS = [
    ("tiny", f"PARTUUID={MBR.partuuid.upper()}"),
    ("tiny-gpt", f"UUID={GPT.uuid}"),
    ("tiny-gpt", f"LABEL={GPT.label}"),
    ("tiny-gpt", "2"),
]


@pytest.mark.parametrize("name, form", [*FORMS, *with_all(*MORE_FORMS)])
def test_each_form_of_iscsi_root(rack, disk, name, form):
    pi = boot(rack, disk(name), f"iscsi.root={form}")
    assert booted(pi).startswith(name + " ")


def test_iscsi_root_wins_over_the_disks_cmdline_txt(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    write_cmdline_txt(image, "root=PARTUUID=00000000-02 rootwait", tmp_path)
    pi = boot(rack, image, "iscsi.root=2")
    assert "partition 2 " in booted(pi)


def test_a_root_that_is_not_there_is_named(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot("iscsi.root=LABEL=nowhere")
    pi.expect_stage("nowhere")
    pi.console.expect("nowhere[^\n]*\n", 30)
    assert not pi.console.seen(phrases.TINY_UP)
    assert not pi.console.seen("Kernel panic")


@pytest.mark.parametrize("name", ["tiny-btrfs", *with_all("tiny-erofs", "tiny-xfs", "tiny-f2fs", "tiny-squashfs")])
def test_other_root_file_systems(rack, disk, name):
    pi = boot(rack, disk(name))
    kind = DISKS[name].filesystem
    assert f" {kind} " in pi.console.text.split("tiny: mounted ")[1].splitlines()[0]


def test_first_boot_init_and_ro_are_honoured(rack, disk):
    pi = boot(rack, disk("tiny-firstboot"))
    assert pi.console.seen(r"tiny: started as /usr/lib/firstboot")
    options = pi.console.text.split("tiny: mounted ")[1].splitlines()[0].split()[3]
    assert "ro" in options.split(",")


def test_iscsi_init_wins_over_the_disks_init(rack, disk):
    pi = boot(rack, disk("tiny-firstboot"), "iscsi.init=/sbin/init")
    assert pi.console.seen(r"tiny: started as /sbin/init")


def test_an_init_that_is_not_there_is_named_and_no_panic_follows(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot("iscsi.init=/sbin/nothing-here")
    pi.console.expect(rf"(?:{phrases.FAILED})[^\n]*nothing-here", 60)
    assert not pi.console.seen("Kernel panic")
    assert pi.machine.running()


def test_an_init_that_the_kernel_refuses_is_named_and_the_pi_restarts(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    header = bytearray(64)
    header[:7], header[18] = b"\x7fELF\x02\x01\x01", 183  # for arm64, and with nothing in it
    broken = tmp_path / "broken"
    broken.write_bytes(header)
    broken.chmod(0o755)
    Image(image).put(broken, "/broken")
    rack.target(image)
    rack.serve()
    pi = rack.boot("iscsi.init=/broken")
    pi.console.expect(rf"(?:{phrases.FAILED})cannot start /broken on the root disk", 60)
    pi.expect_stage("restarting in", 10)
    pi.machine.wait(120)
    assert not pi.console.seen("Kernel panic")


def last_sector(table: str) -> int:
    partition = json.loads(table)["partitiontable"]["partitions"][-1]
    return partition["start"] + partition["size"]


@pytest.mark.parametrize("name", ["tiny-resize", "tiny-resize-gpt"])
def test_resize_grows_the_last_partition_and_keeps_the_old_table(rack, disk, name):
    image = disk(name)
    pi = boot(rack, image)
    pi.login()
    pi.check("sync")
    assert pi.check("ls /run/bootwire")
    before, after = last_sector(run("sfdisk", "-J", str(image))), last_sector(run("sfdisk", "-J", str(rack.copies[0])))
    assert after - before > 60 * 2048
    assert int(pi.check("cat /sys/class/block/sda2/size")) > 90 * 2048


def write_cmdline_txt(image, text, tmp_path):
    """Into the FAT partition, which starts at 4 MiB."""
    file = tmp_path / "cmdline.txt"
    file.write_text(text + "\n")
    subprocess.run(["mcopy", "-o", "-i", f"{image}@@4M", file, "::cmdline.txt"], check=True)


def test_the_os_sees_the_disks_command_line_merged_in(rack, disk):
    pi = boot(rack, disk("tiny"), "iscsi.strict=0")
    pi.login()
    line = pi.check("cat /proc/cmdline").split()
    assert f"root=PARTUUID={MBR.partuuid}" in line
    assert "rootwait" in line
    assert "iscsi.strict=0" in line


def test_rootflags_reach_the_mount(rack, disk, tmp_path):
    image = rack.copy(disk("tiny"))
    write_cmdline_txt(image, f"root=PARTUUID={MBR.partuuid} rootflags=noatime,commit=77 rw", tmp_path)
    pi = boot(rack, image)
    assert "commit=77" in pi.console.text.split("tiny: mounted ")[1].splitlines()[0]
