"""What the kernel itself gives to programs and keeps from them, asked by a program of the tests' own."""

from __future__ import annotations

import re
import time

import phrases
import pytest
from shapes import MIB, Shape, partuuid, piece, run

from lab.before_init import guest_program
from lab.machine import Options

PROGRAM = "/tmp/features"
KEYBOARD = ["-device", "qemu-xhci", "-device", "usb-kbd"]
OFFSET = 0x1FFFFF  # KASLR moves a kernel by whole 2 MB


def disk_of_several(disk, folder):
    """A tiny root, with the program on the boot partition, and empty file systems behind it."""
    parts = Shape(folder)
    parts.fat({"cmdline.txt": f"root={partuuid(2)} rw rootwait\n", "features": guest_program("kernel-features")}, 2)
    parts.add("83", piece(disk("tiny"), 2))
    run("mkfs.f2fs", "-q", parts.add("83", bytes(64 * MIB)))
    run("mke2fs", "-q", "-t", "ext4", "-O", "quota", parts.add("83", bytes(16 * MIB)))
    return parts.write(folder / "several.img")


@pytest.fixture(scope="module")
def pi(module_rack, disk, tmp_path_factory):
    with module_rack("virt", "virt") as rack:
        rack.target(disk_of_several(disk, tmp_path_factory.mktemp("several")))
        rack.serve()
        pi = rack.boot(options=Options(cpus=rack.cpus, extra=KEYBOARD))
        pi.console.expect(phrases.TINY_UP, 120)
        pi.login()
        pi.check("mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmpfs /tmp; true")
        pi.check("mkdir -p /boot/firmware /mnt && mount -t vfat /dev/sda1 /boot/firmware")
        pi.check(f"cp /boot/firmware/features {PROGRAM} && chmod 755 {PROGRAM}")
        yield pi


def ask(pi, *words: str, as_user: bool = False) -> str:
    return pi.check(" ".join([PROGRAM, *(["-u"] if as_user else []), *words]))


def sysctl(pi, name: str) -> str:
    return pi.check(f"cat /proc/sys/{name}")


# Who may do what


@pytest.mark.parametrize("file_system, device", [("ext4", ""), ("f2fs", "/dev/sda3")])
def test_a_capability_of_a_file_is_given_to_an_ordinary_user(pi, file_system, device):
    """A copy of the program with the capability that ping has had in Debian."""
    folder = f"/home/{file_system}"
    pi.check(f"mkdir -p {folder}")
    if device:
        pi.check(f"mount -t {file_system} {device} {folder}")
    pi.check(f"cp {PROGRAM} {folder}/program && chmod 755 /home {folder} {folder}/program")
    assert ask(pi, "run", f"{folder}/program", "raw-socket", as_user=True) == "EPERM"
    assert ask(pi, "give-capability", f"{folder}/program") == "ok"
    assert ask(pi, "run", f"{folder}/program", "raw-socket", as_user=True) == "ok"


def test_an_ordinary_user_loads_no_bpf(pi):
    assert sysctl(pi, "kernel/unprivileged_bpf_disabled") == "2"
    assert ask(pi, "bpf") == "ok"
    assert ask(pi, "bpf", as_user=True) == "EPERM"


def test_the_kernels_log_is_for_root(pi):
    assert sysctl(pi, "kernel/dmesg_restrict") == "1"
    assert ask(pi, "kernel-log") == "ok"
    assert ask(pi, "kernel-log", as_user=True) == "EPERM"


def test_landlock_yama_and_apparmor_guard_the_system(pi):
    pi.check("mount -t securityfs securityfs /sys/kernel/security || true")
    assert pi.check("cat /sys/kernel/security/lsm") == "capability,landlock,yama,apparmor"
    assert pi.check("cat /sys/module/apparmor/parameters/enabled") == "Y"
    assert pi.check("ls /sys/kernel/security/apparmor/features/policy")
    assert sysctl(pi, "kernel/yama/ptrace_scope") in ("0", "1")


def test_a_program_confines_itself_by_landlock(pi):
    assert ask(pi, "landlock", "/etc/passwd", as_user=True) == "EACCES"
    assert pi.check("cat /etc/passwd")


def test_the_audit_subsystem_answers(pi):
    assert ask(pi, "audit") == "ok"


# Memory


def test_memory_is_zeroed_when_it_is_given_out(pi):
    assert pi.check("dmesg | grep 'mem auto-init'").endswith("heap alloc:on, heap free:off")


def test_huge_pages_are_for_those_who_ask(pi):
    assert "[madvise]" in pi.check("cat /sys/kernel/mm/transparent_hugepage/enabled")
    assert ask(pi, "huge-pages", as_user=True) == "ok"


def test_a_program_handles_its_own_page_faults(pi):
    assert ask(pi, "page-faults", as_user=True) == "ok"


def idle_at(pi) -> set[int]:
    """Where in the kernel its CPUs are while they have nothing to do."""
    said = [pi.machine.qmp.command("human-monitor-command", **{"command-line": "info registers -a"}) for _ in range(50)]
    return {int(place, 16) for place in re.findall(r"PC=(ffff[0-9a-f]+)", "".join(said))}


def test_each_boot_has_the_kernel_at_another_address(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    places = []
    for _ in range(2):
        pi = rack.boot()
        pi.console.expect(phrases.TINY_UP, 120)
        pi.login()
        assert pi.check("dmesg | grep KASLR").endswith("KASLR enabled")
        places.append(idle_at(pi))
        pi.power_off()
    first, second = places
    assert {at & OFFSET for at in first} & {at & OFFSET for at in second}, "the same code"
    assert not first & second


# What programs look at and measure


def test_several_routing_tables_are_asked_by_rules(pi):
    pi.check("ip route add 192.0.2.0/24 via 10.77.0.250 table 77 && ip rule add from 10.99.0.1 lookup 77")
    pi.check("ip addr add 10.99.0.1/32 dev lo")
    assert "via 10.77.0.250" in pi.check("ip route get 192.0.2.1 from 10.99.0.1")
    assert "via 10.77.0.250" not in pi.run("ip route get 192.0.2.1").output
    pi.check("ip -6 rule add from fd00::1 lookup 77")


def test_packets_can_be_filtered_and_queued(pi):
    """What the modules of both hang on."""
    assert pi.check("ls /proc/sys/net/netfilter/nf_log")
    assert pi.check("cat /proc/net/psched")


def test_performance_events_are_counted_for_root_alone(pi):
    assert sysctl(pi, "kernel/perf_event_paranoid") == "3"
    assert ask(pi, "perf") == "ok"
    assert ask(pi, "perf", as_user=True) == "EACCES"


def test_a_process_may_live_in_another_time(pi):
    assert ask(pi, "time-namespace") == "ok"


def test_what_each_process_used_is_told(pi):
    assert ask(pi, "taskstats") == "ok"
    assert "write_bytes" in pi.check("cat /proc/self/io")


def test_programs_of_one_terminal_share_its_time(pi):
    assert sysctl(pi, "kernel/sched_autogroup_enabled") == "1"
    assert "/autogroup-" in pi.check("cat /proc/self/autogroup")


def test_a_process_can_be_made_again_with_its_number(pi):
    assert sysctl(pi, "kernel/ns_last_pid").isdigit()


def test_a_program_is_asked_before_files_are_opened(pi):
    assert ask(pi, "open-permission", "/etc/passwd") == "ok"


def test_a_user_cannot_exceed_a_quota(pi):
    pi.check("mkdir -p /mnt/quota && mount -t ext4 -o usrquota /dev/sda4 /mnt/quota")
    assert ask(pi, "quota", "/mnt/quota") == "EDQUOT"
    pi.check("umount /mnt/quota")


def test_a_device_of_a_human_can_be_read_raw(pi):
    assert pi.check("ls /sys/class/hidraw").split() == ["hidraw0"]
    assert pi.check("ls -l /dev/hidraw0").startswith("c")


def test_clocks_have_a_class(pi):
    assert pi.check("ls -d /sys/class/rtc")


# When something is wrong


def test_a_hung_task_is_told_after_two_minutes(pi):
    assert sysctl(pi, "kernel/hung_task_timeout_secs") == "120"


def press(pi, key: str) -> None:
    """A key behind a break on the serial console."""
    time.sleep(2)  # what the lab has typed is through, or SysRq would take of it
    pi.console.skip()
    pi.machine.qmp.command("chardev-send-break", id="console")
    pi.console.send(key)


def test_the_sysrq_keys_work_on_the_serial_console_as_far_as_debian_lets_them(pi):
    assert sysctl(pi, "kernel/sysrq") == str(0x1B6)
    press(pi, "s")
    pi.console.expect("sysrq: Emergency Sync", 30)
    press(pi, "e")  # would end every process
    pi.console.expect("sysrq: This sysrq operation is disabled", 30)
    pi.console.send_line("")
    pi.check("true")
