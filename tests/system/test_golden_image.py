"""One disk for many: iscsi.overlay=ram keeps what a Pi writes in its memory, iscsi.seed=1 gives each its own names."""

from __future__ import annotations

import hashlib
import json
import re

import phrases
import pytest
from ending import END_TIME, end
from extent import with_all
from image import Image
from test_disk_shapes import fail
from test_kexec import BootPartition
from workload import boot_whole

from lab.servers import TARGET
from lab.tgt import Disk, Target

CTL = "/run/bootwire/bootwirectl"
IN_MEMORY = r"nothing is written to sda: loop0 has its content"


def digest(path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_beside_kernel(rack) -> None:
    """overlay.cpio, as docs/golden-image.md has it loaded."""
    assert (rack.root / "overlay.cpio").is_file()
    with (rack.root / "config.txt").open("a") as config:
        config.write("\n[all]\ninitramfs overlay.cpio followkernel\n")


def boot(rack, *words):
    """A Pi whose changes are kept in memory, and that has a root to write to."""
    pi = rack.boot("iscsi.overlay=ram", *words)
    pi.expect_stage(IN_MEMORY, 120)
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    return pi


def restart(pi) -> None:
    """To its end, and on again: QEMU ends with the machine."""
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.console.expect(r"logged out\n", 120)
    pi.power_off()
    pi.power_on()
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()


def check_unwritten(pi) -> None:
    """By the kernel's own counting: not one write request, and nothing that could become one."""
    assert pi.check("awk '{ print $5, $7 }' /sys/block/sda/stat") == "0 0"
    assert pi.check("cat /sys/block/sda/ro") == "1"
    assert not pi.run("ls -d /sys/block/sda/sda*").output.strip().startswith("/")
    assert not pi.run("dmesg | grep -i 'read-only block-device'").output.strip()


class Golden:
    """The server's disk: golden(image) serves it, is_untouched() tells whether anything has reached it."""

    def __init__(self, rack, disk):
        self.rack, self.disk, self.before = rack, disk, ""

    def __call__(self, image=None, read_only=False):
        copy = self.rack.copy(image or self.disk("tiny"))
        self.before = digest(copy)
        self.rack.tgt.add(Target(TARGET, [Disk(copy, 1, read_only=read_only)]))
        self.rack.tgt.start()
        self.rack.serve()
        load_beside_kernel(self.rack)
        return self.rack

    def is_untouched(self) -> bool:
        return digest(self.rack.copies[0]) == self.before


@pytest.fixture
def golden(rack, disk):
    return Golden(rack, disk)


@pytest.mark.parametrize("read_only", [False, True])
def test_what_a_pi_writes_to_any_partition_is_in_its_memory_alone(golden, read_only):
    pi = boot(golden(read_only=read_only))
    assert pi.check("awk '$2 == \"/\" { print $1 }' /proc/mounts | tail -n 1") == "/dev/loop0p2"
    pi.check("mount /dev/loop0p1 /boot/firmware && echo mine >/boot/firmware/mine")
    pi.check("dd if=/dev/urandom of=/random bs=64k count=64 && sha256sum /random >/random.sum && sync", 60)
    pi.check("echo 3 >/proc/sys/vm/drop_caches && sha256sum -c /random.sum && cat /boot/firmware/mine", 60)
    check_unwritten(pi)
    status = json.loads(pi.check(f"{CTL} status --json"))["disk"]
    assert status["written_bytes"] == 0
    assert status["overlay"]["changes_bytes"] >= 4 << 20
    assert 4 << 20 < status["overlay"]["memory_bytes"] < status["overlay"]["limit_bytes"]
    assert re.search(r"overlay +[\d.]+ MB of [\d.]+ MB of memory for", pi.check(f"{CTL} status"))
    end(pi, "/run/initramfs/shutdown poweroff")
    pi.console.expect(r"logged out\n", 120)
    assert golden.is_untouched()


def test_pis_that_share_a_disk_see_nothing_of_one_another(golden):
    rack = golden()
    first, second = boot(rack), boot(rack)
    for pi, word in ((first, "one"), (second, "two")):
        pi.check(f"echo {word} >/who && sync")
    for pi, word in ((first, "one"), (second, "two")):
        assert pi.check("echo 3 >/proc/sys/vm/drop_caches; cat /who") == word
        check_unwritten(pi)
    assert golden.is_untouched()


def test_it_is_all_gone_with_the_next_boot(golden):
    pi = boot(golden())
    pi.check("echo here >/here && sync")
    restart(pi)
    assert pi.run("cat /here").status != 0
    assert golden.is_untouched()


def test_a_journal_that_was_left_over_is_replayed_into_memory(golden, rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    writer = rack.boot()
    writer.console.expect(phrases.TINY_UP, 120)
    writer.login()
    writer.check("mount -o remount,rw / && mkdir /left && echo in-the-journal >/left/over && sync")
    writer.power_off()
    rack.tgt.stop()
    rack.tgt.targets.clear()
    image = Image(rack.copies.pop())
    assert "needs_recovery" in image.run("dumpe2fs", "-h", f"{image.path}?offset={image.root}")
    pi = boot(golden(image.path.rename(image.path.with_suffix(".unclean"))))
    assert pi.check("cat /left/over") == "in-the-journal"
    pi.check("echo more >>/left/over && sync")
    check_unwritten(pi)
    assert golden.is_untouched()


def test_when_the_memory_is_used_up_file_systems_become_read_only_and_stay_readable(golden):
    pi = boot(golden(), "iscsi.overlay=ram,16M")
    pi.check("echo kept >/kept && sync")
    pi.run("for i in $(seq 30); do dd if=/dev/urandom of=/fill$i bs=1M count=1 conv=fsync 2>/dev/null || break; "
           "sleep 0.3; done", 180)
    pi.check("until awk '$2 == \"/\" { print $4 }' /proc/mounts | tail -n 1 | grep -q ^ro; do sleep 0.2; done", 60)
    said = pi.check(f"{CTL} log")
    assert re.search(r"warning: the memory for changes to the disk is full to 8\d % [^\n]*at 100 % all file", said)
    assert re.search(rf"{phrases.FAILED}the memory for changes to the disk is full to 1\d\d % ", said)
    assert pi.run("echo more >/more").status != 0
    assert pi.check("echo 3 >/proc/sys/vm/drop_caches; cat /kept") == "kept"
    assert "full: file systems are read-only until a restart" in pi.check(f"{CTL} status")
    assert not pi.run("dmesg | grep -i 'invalidating snapshot'").output.strip()
    check_unwritten(pi)
    restart(pi)
    pi.check("mount -o remount,rw / && echo more >/more && sync")
    assert golden.is_untouched()


@pytest.mark.parametrize("shape", ["tiny-gpt", *with_all("tiny-whole", "tiny-btrfs", "tiny-xfs", "tiny-f2fs",
                                                         "tiny-resize")])
def test_any_table_and_file_system_is_good_for_it(golden, disk, shape):
    pi = boot(golden(disk(shape)))
    pi.check("echo written >/written && sync && echo 3 >/proc/sys/vm/drop_caches && cat /written")
    check_unwritten(pi)
    assert not pi.console.seen("the old table is kept"), "growing it would cost memory at each boot"
    assert golden.is_untouched()


def test_a_disk_that_asks_for_an_overlay_has_this_one(golden, disk, tmp_path, rack):
    image = rack.copy(disk("tiny"))
    line = BootPartition(image, tmp_path)
    line.write("cmdline.txt", b"root=/dev/mmcblk0p2 rw overlayroot=tmpfs\n")
    rack.copies.clear()
    pi = boot(golden(image.rename(image.with_suffix(".asks"))))
    pi.check("echo here >/here && sync")
    check_unwritten(pi)
    assert golden.is_untouched()


def test_who_asks_for_it_in_words_that_nobody_understands_writes_to_no_disk(rack, disk):
    fail(rack, disk("tiny"), r"iscsi\.overlay= is there, but not in a usable form", "iscsi.overlay=rma")


# Names and keys

COPIED = {"machine-id": "0123456789abcdef0123456789abcdef\n", "hostname": "kiosk\n",
          "hosts": "127.0.0.1 localhost\n127.0.1.1 kiosk\n"}


def with_names(rack, disk):
    """A tiny disk whose system has what copies should not share."""
    image = Image(rack.copy(disk("tiny")))
    for name, text in COPIED.items():
        source = image.path.with_suffix(".new")
        source.write_text(text)
        image.put(source, f"/etc/{name}")
    image.add("/etc/ssh", "ssh_host_ed25519_key", "a secret of all copies\n")
    rack.copies.clear()
    return image.path.rename(image.path.with_suffix(".named"))


def names(pi) -> tuple[str, ...]:
    return tuple(pi.check(f"cat /etc/{name}") for name in ("machine-id", "hostname", "ssh/ssh_host_ed25519_key"))


def test_each_pi_has_names_and_a_key_of_its_own_and_the_same_at_each_boot(golden, rack, disk):
    golden(with_names(rack, disk))
    first, second = boot(rack, "iscsi.seed=1"), boot(rack, "iscsi.seed=1")
    ones, others = names(first), names(second)
    assert all(one != other for one, other in zip(ones, others))
    for pi, (machine_id, host_name, key) in ((first, ones), (second, others)):
        assert re.fullmatch(r"[0-9a-f]{32}", machine_id) and machine_id not in COPIED["machine-id"]
        assert host_name == f"kiosk-{pi.serial[-6:]}"
        assert f"127.0.1.1 {host_name}" in pi.check("cat /etc/hosts")
        assert key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
        assert pi.check("stat -c %a /etc/ssh/ssh_host_ed25519_key") == "600"
    restart(first)
    assert names(first) == ones
    assert golden.is_untouched()


def test_on_a_disk_of_its_own_a_pi_writes_its_names_once(rack, disk):
    rack.target(with_names(rack, disk))
    rack.serve()
    pi = rack.boot("iscsi.seed=1")
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    was = names(pi)
    assert was[1] == f"kiosk-{pi.serial[-6:]}"
    assert pi.check("awk '$2 == \"/\" { print $4 }' /proc/mounts | tail -n 1").startswith("ro"), "as it was asked for"
    pi.check("mount -o remount,rw / && echo mine >/etc/hostname && sync")
    restart(pi)
    assert names(pi) == (was[0], "mine", was[2])


@pytest.mark.long
@pytest.mark.limit(5400)
def test_a_debian_misses_nothing(golden, disk):
    """All of its services, its boot partition by PARTUUID, its end; and the disk is as it was."""
    rack = golden(disk("debian-arm64"))
    pi = boot_whole(rack, "iscsi.overlay=ram", "iscsi.seed=1")
    assert pi.check("systemctl is-system-running || systemctl --failed --no-pager") == "running"
    assert pi.check("findmnt -no SOURCE /") == "/dev/loop0p2"
    assert pi.check("findmnt -no SOURCE /boot/firmware") == "/dev/loop0p1"
    assert pi.check("hostname").endswith(pi.serial[-6:])
    for link in pi.check("find /dev/disk/by-uuid /dev/disk/by-partuuid -type l").split():
        assert pi.check(f"readlink -f {link}").startswith("/dev/loop0p"), link
    pi.check("dd if=/dev/urandom of=/root/much bs=1M count=32 conv=fsync && rm /root/much", 300)
    check_unwritten(pi)
    end(pi, "systemctl poweroff")
    pi.console.expect(r"\[shutdown\] +\d+ ms  logged out\n", END_TIME)
    assert golden.is_untouched()


def test_what_excludes_it_is_said(rack, disk):
    fail(rack, disk("tiny"), r"iscsi\.exclusive= from the kernel command line reserves it for one",
         "iscsi.overlay=ram", "iscsi.exclusive=1")
