"""The kernel's own target, LIO: what README says of it, CHAP as it has it, reservations, outages, discovery."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from pathlib import Path

import phrases
import pytest
from ending import END_TIME, end
from workload import Workload, boot_bare
from writing import writing

from lab.dnsmasq import root_path
from lab.errors import LabError
from lab.host_program import host_program
from lab.lio import ADDRESS, Lio
from lab.tgt import Chap
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
UP = phrases.TINY_UP
TARGET = "iqn.2026-11.test.lab:lio"
ONE_WAY = Chap("pi", "a-secret-of-16-bytes")
BOTH_WAYS = Chap("pi", "a-secret-of-16-bytes", "nas", "another-secret-16b")
ALGORITHMS = {5: "MD5", 6: "SHA-1", 7: "SHA-256", 8: "SHA3-256"}
DISKS = ("pi4", "both", "held", "kept", "written", "found")


@pytest.fixture(scope="module")
def lio(module_rack, disk):
    """One machine for all tests of this module, each with a target and a disk of its own."""
    with module_rack("virt", "lio") as rack, contextlib.ExitStack() as ending:
        server = Lio(rack.directory / "lio")
        ending.callback(server.stop)
        for name in DISKS:
            server.disk(name, rack.copy(disk("tiny")))
        yield server.start()


def name_of(disk: str) -> str:
    return f"{TARGET}-{disk}"


def boot(rack, target: str, *words: str):
    rack.serve(root_path=root_path(target, server=ADDRESS, lun=""))
    return rack.boot(*words)


def probe(*words: str) -> str:
    """bootwire's login from this machine; what it says, whether it gets in or not."""
    command = [host_program("login-probe"), "--portal", f"{ADDRESS}:3260", *words]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    return done.stdout + done.stderr


def documented() -> list[str]:
    """The lines for targetcli, which are the same wherever they stand."""
    blocks = {re.sub(r"^ +", "", block, flags=re.MULTILINE)
              for page in ("README.md", "docs/servers.md")
              for block in re.findall(r"```targetcli\n(.*?)^ *```$", (ROOT / page).read_text(), re.M | re.S)}
    assert len(blocks) == 1
    return blocks.pop().splitlines()


def test_the_documented_lines_make_a_target_that_a_pi_boots_from(lio, rack):
    lio.check("ln -sf /dev/lio/pi4 /srv/iscsi/pi4.img")
    lio.targetcli(documented())
    pi = boot(rack, "iqn.2024-01.lan.home:pi4-root")
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw / && echo written >/number && sync")


def test_a_line_that_targetcli_refuses_is_noticed(lio):
    with pytest.raises(LabError, match="nothing-of-that-name"):
        lio.targetcli(["/backstores/block create name=no dev=/dev/lio/nothing-of-that-name"])


def test_chap_both_ways_in_each_algorithm(lio, rack):
    """Which one is used, the target chooses from what is offered; a Pi offers all."""
    name = name_of("both")
    lio.target(name, "/dev/lio/both", BOTH_WAYS)
    login = ("--name", name, "--chap", "pi:a-secret-of-16-bytes")
    proof = ("--mutual", "nas:another-secret-16b")
    for number, algorithm in ALGORITHMS.items():
        said = probe(*login, *proof, "--algorithm", str(number))
        assert f"chap={algorithm} target_proved=yes" in said, said
        assert f"chap={algorithm} target_proved=no" in probe(*login, "--algorithm", str(number))
    assert "logged in" not in probe(*login[:3], "pi:a-wrong-secret-16", *proof)
    assert "logged in" not in probe(*login, "--mutual", "nas:a-wrong-secret-16")
    pi = boot(rack, name, "iscsi.username=pi", "iscsi.password=a-secret-of-16-bytes", "iscsi.mutual.username=nas",
              "iscsi.mutual.password=another-secret-16b")
    pi.console.expect(UP, 120)


def test_a_disk_is_reserved_once_lio_can_note_it_down_and_stays_so_over_a_restart(lio, rack):
    """As Debian's package leaves it, LIO can't; the Pi says what to do, and boots when it is done."""
    name = name_of("held")
    rack.serve(root_path=root_path(name, server=ADDRESS, lun=""))
    first, second = rack.pi("iscsi.exclusive=1"), rack.pi("iscsi.exclusive=1")
    # Over a restart it keeps what those have who are named; of others it waits until they come.
    lio.target(name, "/dev/lio/held", initiators=[f"iqn.2026-11.local.bootwire:{pi.serial}" for pi in (first, second)])
    first.power_on()
    first.console.expect(r"what to check: .*mkdir (/etc/rtslib-fb-target/pr) on Debian", 90)
    lio.check("mkdir /etc/rtslib-fb-target/pr")
    first.console.expect(UP, 120)
    first.power_off()
    lio.restart()
    second.power_on()
    second.console.expect(rf"{phrases.FAILED}[^\n]*the disk is in use[^\n]*{first.serial}", 90)
    assert not second.console.seen(UP)
    second.power_off()
    first.start()
    first.console.expect(UP, 120)


def test_the_target_loses_its_power_while_a_pi_writes(lio, rack):
    name = name_of("written")
    lio.target(name, "/dev/lio/written")
    pi = boot(rack, name)
    pi.console.expect(UP, 120)
    pi.login()
    pi.check("mount -o remount,rw /")
    with writing(pi, lio.disks["written"]):
        lio.kill()
        lio.start()


def returns(pi) -> int:
    """How often the keeper has got its session back."""
    return int(pi.run("dmesg | grep -c 'the session is back'").output)


def await_return(pi, number: int) -> None:
    wait_until(lambda: returns(pi), f"return number {number} of the session", 120, 1, fits=lambda now: now >= number)


def test_a_reserved_disk_comes_back_after_each_outage_and_stays_reserved(lio, rack):
    """Its connection cut, its network away, no power: in between nobody else may have it."""
    name = name_of("kept")
    door = rack.fault_proxy(target=f"{ADDRESS}:3260")
    rack.serve(root_path=root_path(name, port=str(door.port), lun=""))
    first, second = (rack.pi("iscsi.exclusive=1", "iscsi.portals=named") for _ in range(2))
    lio.target(name, "/dev/lio/kept", initiators=[f"iqn.2026-11.local.bootwire:{pi.serial}" for pi in (first, second)])
    lio.check("mkdir -p /etc/rtslib-fb-target/pr")
    first.power_on()
    first.console.expect(UP, 120)
    first.login()
    first.check("mount -o remount,rw /")
    returns(first)  # what this takes of the disk stays in memory
    with writing(first, lio.disks["kept"]):
        for number, how in enumerate(("rst", "fin", "rst"), 1):
            door.cut(how)
            await_return(first, number)
        lio.network(False)
        time.sleep(16)  # longer than every ping
        lio.network(True)
        await_return(first, 4)
        lio.kill()
        lio.start()
        await_return(first, 5)
    assert not first.run("dmesg | grep -iE 'reservation conflict|I/O error'").output
    assert first.serial in lio.reservation(name)
    second.power_on()
    second.console.expect(rf"{phrases.FAILED}[^\n]*the disk is in use[^\n]*{first.serial}", 90)
    assert not second.console.seen(UP)
    end(first, "/run/initramfs/shutdown poweroff")  # which gives it back
    first.machine.wait(END_TIME)
    second.console.expect(UP, 120)
    assert second.serial in lio.reservation(name)


def test_outages_under_fio_lose_nothing(lio, rack, disk):
    """Each block is read back and compared."""
    lio.kill()
    path = lio.disk("fio", rack.copy(disk("debian-fio")))
    lio.start()
    name = name_of("fio")
    lio.target(name, path)
    rack.serve(root_path=root_path(name, server=ADDRESS, lun=""))
    pi = boot_bare(rack)
    work = Workload(pi).start()
    lio.network(False)
    time.sleep(16)
    lio.network(True)
    work.go_on()
    assert any("pings" in loss for loss in work.losses())
    for _ in range(2):
        lio.kill()
        lio.start()
        work.go_on()
    lio.restart()
    work.go_on()
    work.finish()
    assert len(work.returns()) >= 3
    pi.power_off()
    lio.kill()
    del lio.disks["fio"]  # which goes with this test's rack
    lio.start()


@pytest.mark.parametrize("chap", [None, ONE_WAY], ids=["open", "chap"])
def test_the_only_target_of_an_initiator_is_found_that_nobody_named(lio, rack, chap):
    """LIO asks for nothing before it tells of its targets, unless it is told to."""
    lio.check("targetctl clear")
    name = name_of("found")
    lio.target(name, "/dev/lio/found", chap, initiators=["iqn.2026-11.test.lab:finder"])
    rack.serve(root_path=None)
    words = ("iscsi.username=pi", "iscsi.password=a-secret-of-16-bytes") if chap else ()
    pi = rack.boot(f"iscsi.ip={ADDRESS}", "iscsi.initiator=iqn.2026-11.test.lab:finder", *words)
    pi.console.expect(UP, 120)
    assert pi.console.seen(re.escape(name))
