"""One Debian with its programs, under its own kernel and under ours: what works there has to work here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import OUT
from test_kexec import BOOT_TIME, BootPartition

from lab.machine import Options
from lab.waiting import wait_until

LIST = Path(__file__).with_name("both_kernels")
FOLDER = "/boot/firmware/both"
ITEM_TIME = 900  # of the slowest, on two busy cores; no test measures it

# What each script has at hand.
BEGIN = r"""todo=
later() {
    todo="$*
$todo"
}
finish() {
    code=$?
    trap - EXIT
    cd /
    eval "$todo"
    rm -rf --one-file-system "$folder"
    exit $code
}
refused() {
    if "$@"; then
        echo "not refused: $*"
        exit 1
    fi
}
retry() {
    for time in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if "$@"; then return; fi
        sleep 2
    done
    exit 1
}
same() { "$@" | sed 's/^/same: /'; }
gateway=$(ip -4 route show default | awk '{ print $3; exit }')
address=$(ip -4 route get "$gateway" | sed -n 's/.* src \([0-9.]*\).*/\1/p')
nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
folder=$(mktemp -d /var/tmp/both.XXXXXX)
cd "$folder"
trap finish EXIT
"""


@dataclass
class Outcome:
    works: bool
    said: str

    @property
    def same(self) -> list[str]:
        return [line for line in self.said.splitlines() if line.startswith("same: ")]


def things_to_do() -> dict[str, str]:
    """The list's scripts by their names."""
    blocks = re.split(r"^= (.*)$", LIST.read_text(), flags=re.MULTILINE)
    return dict(zip(blocks[1::2], blocks[2::2]))


def put_on(image: Path, tmp_path: Path) -> None:
    files = BootPartition(image, tmp_path)
    files.make_folder("both")
    for number, script in enumerate(things_to_do().values()):
        files.write(f"both/{number}", f"{BEGIN}{script}")


def devices(folder: Path) -> list[str]:
    """What is plugged in: at the USB ports, and in the slots that a Pi's PCIe leads to."""
    return [
        "-device", "qemu-xhci",
        "-chardev", f"file,id=serial,path={folder / 'usb-serial'}", "-device", "usb-serial,chardev=serial",
        "-audiodev", "none,id=silence", "-device", "usb-audio,audiodev=silence",
        "-blockdev", "null-co,node-name=uas-disk,size=16M,read-zeroes=on",
        "-device", "usb-uas,id=uas", "-device", "scsi-hd,bus=uas.0,drive=uas-disk",
        "-blockdev", "null-co,node-name=nvme-disk,size=16M,read-zeroes=on",
        "-device", "nvme,serial=lab,drive=nvme-disk",
    ]


def do_all(pi) -> dict[str, Outcome]:
    found = {}
    for number, name in enumerate(things_to_do()):
        ran = pi.run(f"sh -e {FOLDER}/{number}", ITEM_TIME)
        found[name] = Outcome(ran.status == 0, ran.output)
    (pi.directory / "outcomes.json").write_text(json.dumps({name: vars(one) for name, one in found.items()}, indent=1))
    return found


def boot(rack, *words: str):
    folder = rack.directory / f"plugged{len(rack.pis)}"
    folder.mkdir()
    pi = rack.boot(*rack.board.patience, *words, options=Options(cpus=2, memory=1536, extra=devices(folder)))
    pi.usb_serial = folder / "usb-serial"
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    return pi


def test_the_list_is_made_of_scripts():
    assert len(things_to_do()) == len(re.findall("^= ", LIST.read_text(), re.MULTILINE)), "each has a name of its own"
    for name, script in things_to_do().items():
        read = subprocess.run(["sh", "-n"], input=BEGIN + script, text=True, capture_output=True)
        assert read.returncode == 0, f"{name}: {read.stderr}"


def failures(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {name: one.said[-1500:] for name, one in outcomes.items() if not one.works}


@pytest.mark.long
@pytest.mark.limit(7200)
def test_what_works_under_debians_own_kernel_works_under_ours(rack, disk, tmp_path):
    rack.target(disk("debian-programs"))
    put_on(rack.copies[-1], tmp_path)
    rack.serve()

    pi = boot(rack, "iscsi.mode=kexec")
    assert "deb13" in pi.check("uname -r")
    theirs = do_all(pi)
    assert failures(theirs) == {}, "what does not work under Debian's own kernel shows nothing"
    assert "said over USB by Linux" in pi.usb_serial.read_text()
    pi.console.send_line("systemctl poweroff")
    pi.machine.wait(BOOT_TIME)
    pi.power_off()

    shutil.copyfile(OUT / "modules.sqfs", rack.root / "modules.sqfs")
    pi = boot(rack)
    assert "bootwire" in pi.check("uname -r")
    wait_until(lambda: pi.check("/run/bootwire/bootwirectl modules"), "modules in memory", 300, 1,
               fits=lambda said: "in memory" in said)
    ours = do_all(pi)
    assert failures(ours) == {}
    assert "bootwire" in pi.usb_serial.read_text()
    assert {name: one.same for name, one in ours.items()} == {name: one.same for name, one in theirs.items()}
