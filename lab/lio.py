"""A real LIO: Debian's kernel with its iSCSI target on a machine of its own, set up by targetcli.

Its settings, and what it notes down of reservations, outlive power_cut(). It starts in some ten seconds, so that
tests share one.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lab.console import Console
from lab.disks import lio
from lab.errors import LabError
from lab.machine import cpu_and_accelerator
from lab.network import PREFIX, Tap
from lab.processes import Process, run, tool
from lab.shell import Shell
from lab.tgt import Chap

ADDRESS = "10.77.0.8"
MAC = "52:54:00:77:00:08"
STATE_MEGABYTES = 16
# What targetcli says of a line that it could not do; it ends well all the same.
REFUSED = re.compile(r"^.*\b(?:[Ee]rror|Invalid|No such|Cannot|Could not|Unknown|[Ff]ailed|does not exist)\b.*$",
                     re.MULTILINE)


def store_of(target: str) -> str:
    """What the disk of a target is called among targetcli's backstores."""
    return re.sub(r"\W", "-", target.rpartition(":")[2])


class Lio(Shell):
    """start() after disk() has named all there are; kill() is the plug, pulled."""

    def __init__(self, directory: Path, address: str = ADDRESS) -> None:
        self.directory = directory
        self.address = address
        self.disks: dict[str, Path] = {}
        self.process: Process | None = None
        self._console: Console | None = None
        self._tap: Tap | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self._sockets = Path(tempfile.mkdtemp(prefix="bootwire-"))  # their paths must be short

    def disk(self, name: str, image: Path) -> str:
        """A disk of this machine; the path it has there."""
        self.disks[name] = image
        return f"/dev/lio/{name}"

    @property
    def console(self) -> Console:
        if self._console is None:
            raise LabError("LIO's machine is switched off")
        return self._console

    def start(self) -> "Lio":
        kernel, initramfs = lio()
        state = self.directory / "state.img"
        if not state.exists():
            run("truncate", "-s", f"{STATE_MEGABYTES}M", str(state))
            run("mke2fs", "-q", "-t", "ext4", str(state))
        self._tap = self._tap or Tap("lio")
        words = [tool("qemu-system-aarch64"), *cpu_and_accelerator(), "-smp", "2", "-m", "1024", "-nic", "none",
                 "-kernel", str(kernel), "-initrd", str(initramfs),
                 "-append", f"console=ttyAMA0 quiet net.ifnames=0 panic=-1 address={self.address}/{PREFIX}",
                 "-netdev", f"tap,id=net0,ifname={self._tap.name},script=no,downscript=no",
                 "-device", f"virtio-net-device,netdev=net0,mac={MAC}",
                 "-chardev", f"socket,id=console,path={self._sockets / 'console'},server=on,wait=on",
                 "-serial", "chardev:console", "-display", "none", "-monitor", "none", "-no-reboot"]
        for number, (name, image) in enumerate({**self.disks, "state": state}.items()):
            words += ["-drive", f"if=none,id=disk{number},format=raw,discard=unmap,file={image}",
                      "-device", f"virtio-blk-device,drive=disk{number},serial={name}"]
        self.process = Process(words, self.directory / "qemu.log")
        try:
            self._console = Console(self._sockets / "console", self.directory / "console.log")
        except (OSError, LabError) as error:
            self.kill()
            raise LabError(f"LIO's machine does not start: {self.process.output().strip() or error}") from error
        self.console.expect("^lio: up$", 300)
        self.login()
        return self

    def targetcli(self, lines: Iterable[str]) -> str:
        """What it says; a line that it refuses is an error."""
        self.check("rm -f /tmp/lines")
        for line in lines:
            self.check(f"echo '{line}' >>/tmp/lines")
        said = self.check("targetcli </tmp/lines >/tmp/said 2>&1 || echo Error; cat /tmp/said")
        refused = REFUSED.search(said)
        if refused:
            raise LabError(f"targetcli: {refused[0]}\nall of it:\n{said}")
        return said

    def target(self, name: str, disk: str, chap: Chap | None = None, initiators: Iterable[str] = ()) -> None:
        """With one LUN, 0. Without names of initiators everybody gets in, by this CHAP if any is given."""
        store = store_of(name)
        tpg = f"/iscsi/{name}/tpg1"
        lines = [f"/backstores/block create name={store} dev={disk}", f"/iscsi create {name}",
                 f"{tpg}/luns create /backstores/block/{store}"]
        generated = 0 if initiators else 1
        lines.append(f"{tpg} set attribute authentication={int(bool(chap))} generate_node_acls={generated} "
                     f"cache_dynamic_acls={generated} demo_mode_write_protect=0")
        for place in [f"{tpg}/acls/{initiator}" for initiator in initiators] or [tpg]:
            if initiators:
                lines.append(f"{tpg}/acls create {place.rpartition('/')[2]}")
            if chap:
                lines.append(f"{place} set auth userid={chap.user} password={chap.secret}")
            if chap and chap.mutual_user:
                lines.append(f"{place} set auth mutual_userid={chap.mutual_user} mutual_password={chap.mutual_secret}")
        self.targetcli([*lines, "saveconfig"])
        self.check("sync")  # the plug may be pulled now

    def restart(self) -> None:
        """As `systemctl restart` of Debian's service does: all targets go, and come back as they were saved."""
        self.check("targetctl clear && targetctl restore")

    def network(self, yes: bool) -> None:
        """Whether packets get to it and back; its cable stays in."""
        assert self._tap
        self._tap.forward(yes)

    def reservation(self, target: str) -> str:
        """What LIO tells of the reservation of this target's disk, and of who is registered."""
        return self.check(f"cat /sys/kernel/config/target/core/*/{store_of(target)}/pr/res_*")

    def kill(self) -> None:
        if self._console:
            self._console.close()
            self._console = None
        if self.process:
            self.process.kill()
            self.process = None

    def stop(self) -> None:
        self.kill()
        if self._tap:
            self._tap.remove()
            self._tap = None
