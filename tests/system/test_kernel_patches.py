"""kernel/patches/: what each patch is for, on the kernel that ships.

A program of the tests' own runs as PID 1 in place of our init; it comes as a second initramfs.
"""

import os
import pathlib
import subprocess

import pytest

from lab.before_init import FILE, PROGRAM, archive, guest_program

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(os.environ.get("BOOTWIRE_OUT", ROOT / "out"))
KERNEL = OUT / "Image.gz"
CMDLINE = "rdinit=/probe loglevel=7 panic=-1 "
SECRETS = 'iscsi.password="MARKER one" "wifi.psk=MARKER=two" a=b.secret x.secret=MARKER-three iscsi.ip=192.0.2.1 '\
    'iscsi.Pasword_in=MARKER4 a.passwords=1'


@pytest.fixture(scope="module")
def probe():
    return ("probe", PROGRAM, guest_program("kernel-probe"))


@pytest.fixture(scope="module")
def kexec_files(probe):
    """What the probe hands to kexec: the kernel that runs, and itself."""
    image = subprocess.run(["gzip", "-dc", KERNEL], check=True, capture_output=True).stdout
    return [("Image", FILE, image), ("second.cpio", FILE, archive([probe]))]


@pytest.fixture
def boot(tmp_path, probe):
    """boot(board, cmdline, files) -> what the probe said: [(name, value), …]"""

    def run(board, cmdline, files=()):
        initrd = tmp_path / "initrd"
        initrd.write_bytes(archive([probe, *files]))
        tree = str(OUT / "dtbs/bcm2837-rpi-3-b.dtb")
        machine = {
            "virt": ["-M", "virt", "-cpu", "cortex-a72", "-smp", "4", "-m", "512"],
            "raspi3b": ["-M", "raspi3b", "-accel", "tcg,thread=single", "-dtb", tree],
        }[board]
        qemu = subprocess.run(
            ["qemu-system-aarch64", *machine, "-kernel", KERNEL, "-initrd", initrd, "-no-reboot", "-nodefaults",
             "-display", "none", "-serial", "stdio", "-append", f"console=ttyAMA0,115200 {CMDLINE} {cmdline}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )
        text = qemu.stdout.decode(errors="replace")
        (tmp_path / "console.log").write_text(text)
        lines = [line for line in text.splitlines() if "probe: " in line]
        said = [line.split("probe: ", 1)[1].strip().partition(" ")[::2] for line in lines]
        assert said and said[-1][0] == "end", text[-3000:]
        return said

    return run


@pytest.mark.parametrize("board", ["virt", "raspi3b"])
def test_secrets_go_to_the_first_process_once_and_nobody_else_sees_them(boot, board):
    said = dict(boot(board, f"{SECRETS} probe=secrets"))
    assert said["secrets"] == (
        "iscsi.password=MARKER one|wifi.psk=MARKER=two|x.secret=MARKER-three|iscsi.Pasword_in=MARKER4"
    )
    assert said["mode"] == "400"
    assert said["child"] == "EPERM"
    assert said["again"] == "ENOENT"
    assert said["afterwards"] == "ENOENT"
    for place in ("/proc/cmdline", "/proc2/cmdline", "/proc/device-tree/chosen/bootargs", "/sys/firmware/fdt", "dmesg"):
        assert said[place] == "clean", place
    assert said["cmdline"].endswith(
        "iscsi.password=* wifi.psk=* a=b.secret x.secret=* iscsi.ip=192.0.2.1 "
        "iscsi.Pasword_in=* a.passwords=1 probe=secrets"
    )


def test_a_hidden_secret_does_not_tell_its_length(boot):
    lengths = {
        dict(boot("virt", f"a.password={secret} probe=secrets"))["bootargs-length"] for secret in ("x", "MARKER" * 20)
    }
    assert len(lengths) == 1


def test_without_secrets_the_command_line_is_left_alone(boot):
    plain = 'a.passwords=1 password=2 .pskx=3 q="a  b"   b.secret'
    said = dict(boot("virt", f"{plain} probe=secrets"))
    assert said["cmdline"].endswith(f"{plain} probe=secrets")
    assert said["secrets"] == "ENOENT"


@pytest.mark.parametrize("board", ["virt", "raspi3b"])
def test_other_cpus_start_when_init_says_so(boot, board):
    said = boot(board, "probe=online,start,online")
    assert [value for name, value in said if name == "possible"] == ["0-3", "0-3"]
    assert [value for name, value in said if name == "online"] == ["0", "0-3"]


def test_maxcpus_on_the_command_line_still_counts(boot):
    assert dict(boot("virt", "maxcpus=3 probe=online"))["online"] == "0-2"


def test_kexec_is_refused_only_once_a_spin_table_cpu_has_started(boot, kexec_files):
    said = boot("raspi3b", "probe=load,start,online,load", kexec_files)
    # A kernel without the patch says EBUSY to both.
    assert [value for name, value in said if name == "load"] == ["ok", "EBUSY"]
    assert dict(said)["online"] == "0-3"


@pytest.mark.parametrize("board", ["virt", "raspi3b"])
def test_the_kernel_started_by_kexec_gets_every_cpu_and_no_secret(boot, board, kexec_files):
    said = boot(board, f"{SECRETS} probe=online,kexec", kexec_files)
    assert [value for name, value in said if name == "online"] == ["0", "0", "0-3"]


def test_root_asks_a_pi_3s_firmware_for_the_boot_roms_mode_and_hears_that_it_says_nothing(boot):
    """QEMU's firmware does not know the question; what others answer is tests/unit/kernel's."""
    said = dict(boot("raspi3b", "probe=boot-mode"))
    assert said["mode"] == "400"
    assert said["boot-mode"] == "ENODATA"


def test_every_module_of_the_initramfs_loads_in_the_order_of_its_index(boot):
    said = boot("virt", "probe=modules")
    assert {name for name, _ in said} <= {"loaded", "filesystems", "end"}, said
    filesystems = dict(said)["filesystems"].split("|")
    for name in ("btrfs", "xfs", "f2fs", "erofs", "squashfs"):
        assert "\t" + name in filesystems
    assert "nodev\toverlay" in filesystems
