"""The program that ends the system, and the keeper beside it, where the root stays in use: as under sysvinit."""

from __future__ import annotations

import re
import time

import pytest
from ending import END_TIME, GIVEN_UP, IN_PLACE, check_arrived, check_order, end, tiny, write

from lab.machine import Options


@pytest.mark.parametrize("verb", ["reboot", "poweroff", "kexec"])
def test_the_program_ends_a_system_whose_root_stays_in_use(rack, disk, verb):
    """As sysvinit's scripts start it; without a kernel loaded, kexec is a reboot."""
    pi = tiny(rack, disk)
    write(pi, "arrives")
    end(pi, f"/run/initramfs/shutdown {verb}")
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")


def test_a_system_that_hangs_on_a_target_that_is_away_is_ended(rack, disk):
    """It says no more than that it begins to end."""
    pi = tiny(rack, disk, "iscsi.shutdown=3")
    write(pi, "lost")
    rack.tgt.kill()
    end(pi, "echo >/run/bootwire/ending/poweroff; sync; echo sync is over")
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.console.expect(r"^sync is over", END_TIME)
    pi.console.expect(r"warning: the system has not ended by itself: poweroff now", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_person_ends_a_system_whose_own_commands_are_on_the_disk_that_is_away(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=5")
    ctl = "/run/bootwire/bootwirectl"
    refused = pi.run(f"{ctl} poweroff")
    assert refused.status == 2 and "sda is there" in refused.output
    rack.tgt.kill()
    pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done", 30)
    pi.check(f"{ctl} poweroff")
    rack.tgt.start()
    pi.console.expect(r"sda[^\n]* is back: the system goes on", END_TIME)
    write(pi, "lost")
    rack.tgt.kill()
    pi.check("until read s </sys/class/iscsi_connection/connection1:0/state; [ $s = failed ]; do :; done", 30)
    assert re.search(r"sda has \d s to come back", pi.check(f"{ctl} poweroff"))
    pi.console.expect(GIVEN_UP, END_TIME)
    pi.console.expect(r"warning: the system has not ended by itself: poweroff now", END_TIME)
    pi.machine.wait(END_TIME)


def test_a_target_that_returns_gets_what_waited_for_it(rack, disk):
    pi = tiny(rack, disk, "iscsi.shutdown=3600")
    write(pi, "arrives")
    rack.tgt.kill()
    end(pi, "/run/initramfs/shutdown reboot")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")


def test_a_watchdog_that_the_os_leaves_running_does_not_cut_the_wait_short(rack, disk):
    """It resets the machine 15 s after init, or whoever opened it last, has fed it."""
    pi = tiny(rack, disk, rack.before_init(modules=["i6300esb"]), "iscsi.shutdown=3600",
              options=Options(extra=["-device", "i6300esb"]))
    write(pi, "arrives")
    pi.check("exec 3>/dev/watchdog0; exec 3>&-")
    rack.tgt.kill()
    end(pi, "WATCHDOG_USEC=15000000 /run/initramfs/shutdown reboot")
    pi.console.expect(r"has been away for [^\n]*waits for it", END_TIME)
    time.sleep(25)
    rack.tgt.start()
    pi.machine.wait(END_TIME)
    check_order(pi.console.text, IN_PLACE)
    check_arrived(rack, "arrives")
