"""What bootwire's root disk is measured against: a second disk that Debian's own open-iscsi logs in to, in the same
guest, on the same kernel, at the same target server."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab import disks
from lab.network import SERVER
from lab.servers import Rack
from lab.tgt import Disk, Target

SECOND = "iqn.2026-11.test.lab:second"
BOOT_SECONDS = 900
EMPTY = "/run/no-sessions"
SESSIONS = "/sys/class/iscsi_session"
LOG = "/run/iscsid.log"
WAITS = 86400  # seconds that I/O waits for a lost session; open-iscsi's default, 120, would lose the disk

# An iscsid that starts takes over every session that it finds: it must not find the one of the root disk.
START_ISCSID = f"""
mkdir -p {EMPTY}
echo InitiatorName=iqn.2026-11.test.lab:open-iscsi >/etc/iscsi/initiatorname.iscsi
unshare --mount --propagation private sh -c 'mount --bind {EMPTY} {SESSIONS} && exec iscsid -f' </dev/null >{LOG} 2>&1 &
until grep -q ISCSIADM_ABSTRACT_NAMESPACE /proc/net/unix; do sleep 0.2; done
sleep 3
for pid in $(pgrep -x iscsid); do nsenter --target $pid --mount umount {SESSIONS} 2>/dev/null; done
"""


class Guest:
    """A Debian booted by bootwire, and the name of its second disk."""

    def __init__(self, rack: Rack, megabytes: int) -> None:
        rack.target(disks.path("debian-initiator"))
        image = rack.directory / "second.img"
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        rack.copies.append(image)
        rack.tgt.add(Target(SECOND, [Disk(image)]))
        rack.serve()
        self.pi = rack.boot()
        self.pi.login(BOOT_SECONDS)
        self.pi.run("systemctl is-system-running --wait", BOOT_SECONDS)
        self.pi.check("dmesg --console-off")
        self.root = self._disk_of(1)
        self.second = self._log_in()

    def _disk_of(self, session: int) -> str:
        return self.pi.check(f"ls {SESSIONS}/session{session}/device/target*/*/block")

    def _log_in(self) -> str:
        check = self.pi.check
        check(START_ISCSID.strip().replace("\n", "; ").replace("&;", "&").replace("do;", "do"), 120)
        node = f"iscsiadm -m node -T {SECOND} -p {SERVER}:3260"
        check(f"{node},1 -o new")
        check(f"{node} -o update -n node.session.timeo.replacement_timeout -v {WAITS}")
        check(f"{node} --login", 120)
        check(f"until ls {SESSIONS}/session2/device/target*/*/block; do sleep 0.2; done", 60)
        return self._disk_of(2)


def place(out: Path, name: str) -> Path:
    """An empty folder for a bench's rack."""
    directory = out / "bench" / name
    shutil.rmtree(directory, ignore_errors=True)
    return directory
