"""Root trees as tars: Debian's by mmdebstrap under qemu-user, further ones layered on them."""

import os
import pathlib
import re
import shutil
import subprocess
import threading
import time

from lab.disks import cache, openrc, tiny
from lab.disks.recipes import ROOTS, Root, root_key

# What a lab does without, so that fewer bytes are written: once more per disk.
LEAVE_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*",
             "/usr/share/lintian/*", "/usr/share/bug/*")

TRIES = 5
# Of mmdebstrap's tar-in; and of an archive whose lists and files are just being exchanged.
MENDS_ITSELF = r"special hook failed with exit code 13|Mirror sync in progress|Hash Sum mismatch"
RENEWAL_PAUSE = 60  # seconds


def tar(name: str) -> pathlib.Path:
    """The path of a root's tar, made now if it isn't there."""
    target = cache.directory() / f"{root_key(name)}.tar"
    if target.exists():
        return target
    root = ROOTS[name]
    base = tar(root.base) if root.base else None
    with cache.making(target) as scratch:
        if scratch is None:
            return target
        cache.need_room(root.room)
        result = scratch / "root.tar"
        if name.startswith("tiny"):
            tree = scratch / "tree"
            tree.mkdir()
            tiny.unpack(tree, root.suite, root.arch)
            if name == "tiny-kernel":
                tiny.add_kernel(tree, root.suite, root.arch)
            if name == "tiny-openrc":
                openrc.add(tree, root.suite, root.arch)
            cache.run(f"disk {name}", ["tar", "--owner=0", "--group=0", "--sort=name", "-C", tree, "-cf", result, "."])
        else:
            _check_machine(root)
            _mmdebstrap(root, base, result, scratch)
        os.replace(result, target)
    return target


def _check_machine(root: Root) -> None:
    """Whether this machine runs the programs of that architecture, and may fetch them."""
    if os.environ.get("BOOTWIRE_LAB_NETWORK"):
        raise cache.DiskError(f"{root.name} isn't made yet, and the lab's network has no way out to "
                              f"make it; do so first: python3 -m lab.disks {root.name}")
    machine = os.uname().machine
    if root.unpacked or (machine == "aarch64" and root.arch == "arm64"):
        return
    if shutil.which("arch-test") is None or subprocess.run(["arch-test", root.arch], check=False,
                                                           capture_output=True).returncode != 0:
        raise cache.DiskError(f"this machine doesn't run {root.arch} programs: "
                              "./bootwire setup installs and enables what is missing")


def _command(root: Root, base: pathlib.Path | None, result: pathlib.Path, mirror: str) -> list[str]:
    command = ["mmdebstrap", "--verbose", f"--architectures={root.arch}",
               "--mode=" + ("root" if os.geteuid() == 0 else "unshare"),
               "--skip=output/dev",  # a user can't unpack device nodes, and images have none
               "--aptopt=Acquire::Retries \"2\"", "--aptopt=Acquire::http::Timeout \"30\"",
               "--aptopt=APT::Install-Recommends \"false\""]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in LEAVE_OUT]
    if root.before and not base:
        command.append(f"--essential-hook={root.before}")
    if base is None:
        variant = "extract" if root.unpacked else "minbase"
        command += [f"--variant={variant}", "--include=" + ",".join(root.packages)]
    else:
        apt = 'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes -oDPkg::Chroot-Directory="$1"'
        # A user's namespace can't reach a cache in a home that is closed to others: tar-in brings
        # the tree in from outside, but now and then fails with a broken pipe.
        bring = f"tar-in '{base}' /"
        if os.geteuid() == 0:
            bring = f"tar -C \"$1\" --numeric-owner --xattrs --xattrs-include='*' -xpf '{base}'"
        command += ["--variant=custom", "--skip=update,check/empty", f"--setup-hook={bring}"]
        if root.before:
            command.append(f"--customize-hook={root.before}")
        if root.packages:
            command.append(f"--customize-hook={apt} update")
            command.append(f"--customize-hook={apt} install " + " ".join(root.packages))
        # The builder's name and servers came in with the set-up of this layer.
        # (A link there is systemd-resolved's.)
        command.append("--customize-hook=echo raspberrypi >\"$1/etc/hostname\"; "
                       "[ -L \"$1/etc/resolv.conf\" ] || : >\"$1/etc/resolv.conf\"")
    if root.after:
        command.append(f"--customize-hook={root.after}")
    return command + [root.suite, str(result), f"deb {mirror} {root.suite} main"]


def _mmdebstrap(root: Root, base: pathlib.Path | None, result: pathlib.Path, scratch: pathlib.Path) -> None:
    if not shutil.which("mmdebstrap", path=cache.tools_path()):
        raise cache.DiskError("no mmdebstrap on this machine: ./bootwire setup")
    mirror = cache.run(f"root {root.name}", [cache.REPOSITORY / "tools" / "debian.sh", "mirror"],
                       stdin=None).strip().splitlines()[-1]
    environment = dict(os.environ, PATH=cache.tools_path(), LC_ALL="C.UTF-8",
                       SOURCE_DATE_EPOCH="1767225600", DEBIAN_FRONTEND="noninteractive")
    if os.geteuid() == 0:  # in a user's namespace the cache may not be reachable: leave it /tmp
        environment["TMPDIR"] = str(scratch)
    usually = f" (usually {root.usually})" if root.usually else ""
    cache.say(f"disks: making {root.name}: {root.about}{usually}")
    log = cache.directory() / f"{root.name}.log"
    started = time.monotonic()
    for attempt in range(TRIES):
        code = _attempt(_command(root, base, result, mirror), environment, log, root, started)
        text = log.read_text(errors="replace")
        if code == 0 or not re.search(MENDS_ITSELF, text) or attempt == TRIES - 1:
            break
        if "Mirror sync" in text:
            cache.say(f"disks: {mirror} is being renewed; trying again in {RENEWAL_PAUSE} s")
            time.sleep(RENEWAL_PAUSE)
    if code != 0:
        raise cache.DiskError(_why(root, mirror, log))
    log.unlink()
    cache.say(f"disks: {root.name} is ready after {_minutes(time.monotonic() - started)}")


def _attempt(
    command: list[str], environment: dict[str, str], log: pathlib.Path, root: Root, started: float
) -> int:
    done = 0
    ended = threading.Event()

    def report() -> None:
        while not ended.wait(15):
            left = max(0, root.count - done // 2)
            cache.say(f"disks: {root.name}: {min(99, 50 * done // root.count)} %, about {left} of "
                      f"{root.count} packages left, {_minutes(time.monotonic() - started)}")

    with open(log, "w", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(command, env=environment, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        if root.count:
            threading.Thread(target=report, daemon=True).start()
        try:
            assert process.stdout
            for line in process.stdout:
                output.write(line)
                done += line.startswith(("Setting up ", "Unpacking "))
            return process.wait()
        except BaseException:
            process.terminate()  # mmdebstrap takes its tree away itself
            process.wait()
            raise
        finally:
            ended.set()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


def _why(root: Root, mirror: str, log: pathlib.Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace")
    reason = cache.last_words(text)
    if "does not have a Release file" in text or re.search(r"dists/\S+\s+.*404", text):
        return (f"THE SUITE {root.suite} IS GONE from {mirror} (or that is no Debian archive): set "
                f"BOOTWIRE_MIRROR to an archive that has it; {root.name} was not made")
    if re.search(r"Could not connect|Failed to fetch|Temporary failure resolving|timed out", text):
        return (f"{mirror} doesn't answer: check the network, or set BOOTWIRE_MIRROR to another Debian "
                f"archive; {root.name} was not made ({reason})")
    return f"cannot make the root {root.name}: {reason} (all of it: {log})"
