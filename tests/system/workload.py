"""What the root disk is busy with while something is taken away from it."""

from __future__ import annotations

import re

from lab.pi import VirtualPi
from lab.servers import Rack

FLAG = "/run/fio-goes-on"
LOG = "/run/fio.log"
FILE = "/root/fio.dat"
# Read back and compared block by block while it goes on, and once more at the end of each round.
FIO = (
    f"fio --name=root --filename={FILE} --size=12m --io_size=6m --rw=randwrite --bsrange=4k-64k --direct=1 "
    "--ioengine=libaio --iodepth=16 --verify=crc32c --verify_backlog=256 --verify_fatal=1 --randrepeat=0"
)
SCRIPT = f"while [ -e {FLAG} ]; do {FIO} || echo FAILED $?; echo round; done; echo over"
# Sectors of 512 bytes that the root's partition has written (Documentation/block/stat.rst).
WRITTEN = "awk '{ print $7 }' /sys/class/block/$(basename $(findmnt -no SOURCE /))/stat"
# What the kernel says when it has not waited, but reported a failure.
TROUBLE = r"I/O error|offline device|EXT4-fs error|EXT4-fs warning|[Rr]emounting|timing out command|Aborting journal"
BOOT_TIME = 1200  # a Debian under emulation; no test measures it


def boot_whole(rack: Rack, *words: str) -> VirtualPi:
    """A Debian with all its services running."""
    pi = rack.boot(*words)
    pi.login(BOOT_TIME)
    pi.run("systemctl is-system-running --wait", BOOT_TIME)
    return pi


def boot_bare(rack: Rack, *words: str) -> VirtualPi:
    """A Debian's programs without its services: a shell is its first process, and nothing else runs.

    What the keeper does for the disk is the same, and the boot takes a tenth of the time.
    """
    pi = rack.boot("iscsi.init=/bin/bash", *words)
    pi.login(BOOT_TIME)
    pi.check("export PATH; mount -o remount,rw /")
    return pi


class Workload:
    """fio on the root disk: writes, verifies, begins again, until finish()."""

    def __init__(self, pi: VirtualPi) -> None:
        self.pi = pi
        pi.check("dmesg --clear; dmesg --console-off")

    def start(self, by: str = "") -> "Workload":
        """Returns once it is at work: when the disk has written some of it. by: what starts the command behind it."""
        self.pi.check(f"before=$({WRITTEN}); touch {FLAG}; echo '{{ {SCRIPT}; }} >{LOG} 2>&1' >/run/fio.sh; "
                      f"{by} sh /run/fio.sh & true")
        at_work = f"pgrep -x fio >/dev/null && [ $(($({WRITTEN}) - before)) -ge 4096 ]"
        self.pi.check(f"until {at_work}; do sleep 0.2; done", 300)
        return self

    def go_on(self, timeout: float = 300) -> None:
        """Until the disk has written something again."""
        self.pi.check("touch /root/goes-on && sync /root/goes-on", timeout)

    def finish(self, timeout: float = 600) -> None:
        """Lets fio come to its end, and asserts that nothing was lost and nobody was told of trouble."""
        pi = self.pi
        pi.check(f"rm -f {FLAG}; until grep -q ^over {LOG}; do sleep 0.2; done", timeout)
        said = pi.check(f"cat {LOG}")
        assert "FAILED" not in said and "round" in said, said[-3000:]
        assert pi.check("findmnt -no OPTIONS /").split(",")[0] == "rw"
        log = pi.check("dmesg")
        assert not re.search(TROUBLE, log), "\n".join(line for line in log.splitlines() if re.search(TROUBLE, line))

    def _keeper_says(self, words: str) -> list[str]:
        return re.findall(rf"\[bootwire-keeper\][^\n]*{words}[^\n]*", self.pi.check("dmesg"))

    def losses(self) -> list[str]:
        """What the keeper has said of lost connections since the beginning."""
        return self._keeper_says("the connection to [^\\n]* is lost: ")

    def returns(self) -> list[str]:
        """The same of sessions that are back."""
        return self._keeper_says("the session is back")
