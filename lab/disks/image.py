"""Disk images from root trees, without mounting anything and without privileges."""

import os
import pathlib
import shlex
import shutil

from lab.disks import cache, roots
from lab.disks.recipes import (DISKS, FAT_ID, FILESYSTEM_UUID, GPT_ID, MBR_ID, ROOTS, Disk, disk_key,
                               root_key)

MIB = 2**20
FIRST = 4  # MiB before the first partition, as on a Raspberry Pi's card

OWN_KERNEL = "# A Raspberry Pi's firmware would read this.\narm_64bit=1\nkernel=vmlinuz\n"
CONFIG_TXT = "# A Raspberry Pi's firmware would read this.\narm_64bit={bits}\nkernel=kernel8.img\n"


def path(name: str) -> pathlib.Path:
    """The path of the raw image of a disk, made now if it isn't there. Don't write to it: copy it."""
    if name not in DISKS:
        raise cache.DiskError(f"there is no disk {name}; there are: {', '.join(DISKS)}")
    target = cache.directory() / f"{disk_key(name)}.img"
    if target.exists():
        return target
    disk = DISKS[name]
    tar = roots.tar(disk.root)
    with cache.making(target) as scratch:
        if scratch is None:
            return target
        cache.need_room(3 * tar.stat().st_size // MIB + 50)
        image = scratch / "disk.img"
        _write(disk, tar, image, scratch)
        os.replace(image, target)
    cache.say(f"disks: {name} is ready")
    return target


def peer() -> tuple:
    """(disk image, kernel, initramfs) of the Debian that bootwire is measured against."""
    image = path("debian-peer")
    kernel, initramfs = (cache.directory() / f"{root_key('debian-peer')}.{kind}"
                         for kind in ("vmlinuz", "initrd"))
    if not (kernel.exists() and initramfs.exists()):
        tar = roots.tar("debian-peer")
        with cache.making(initramfs) as scratch:
            if scratch is not None:
                cache.run("disk debian-peer", ["tar", "-C", scratch, "--wildcards", "-xf", tar,
                                               "./boot/vmlinuz-*", "./boot/initrd.img-*"])
                os.replace(next((scratch / "boot").glob("vmlinuz-*")), kernel)
                os.replace(next((scratch / "boot").glob("initrd.img-*")), initramfs)
    return image, kernel, initramfs


def _layout(disk: Disk) -> list:
    """(number, start, length, kind) of each partition, in MiB."""
    if disk.table == "none":
        return [(0, 0, disk.megabytes, "root")]
    parts = [(1, FIRST, disk.boot_megabytes, "boot")]
    start = FIRST + disk.boot_megabytes
    for number in range(2, disk.root_number):
        parts.append((number, start, 8, "swap"))
        start += 8
    parts.append((disk.root_number, start, disk.megabytes, "root"))
    return parts


def _write(disk: Disk, tar: pathlib.Path, image: pathlib.Path, scratch: pathlib.Path) -> None:
    parts = _layout(disk)
    end = parts[-1][1] + parts[-1][2] + (1 if disk.table == "gpt" else 0)
    with open(image, "wb") as file:
        file.truncate(end * MIB)
    _table(disk, parts, image, scratch)
    if disk.spare_megabytes:
        os.truncate(image, (end + disk.spare_megabytes) * MIB)
    for number, start, length, kind in parts:
        what = f"disk {disk.name}, partition {number}"
        if kind == "boot":
            _boot(what, disk, tar, image, start, length, scratch)
        elif kind == "swap":
            piece = scratch / "swap"
            piece.write_bytes(b"")
            os.truncate(piece, length * MIB)
            cache.run(what, ["mkswap", "-q", "-L", "swap", piece])
            _place(piece, image, start)
        else:
            piece = scratch / "rootfs"
            _root(what, disk, tar, piece, length, scratch)
            _place(piece, image, start)


def _table(disk: Disk, parts: list, image: pathlib.Path, scratch: pathlib.Path) -> None:
    if disk.table == "none":
        return
    mbr = {"boot": "c", "swap": "82", "root": "83"}
    gpt = {"boot": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
           "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
           "root": "0FC63DAF-8483-4772-8E79-3D69D8477DE4"}
    lines = ["label: dos", f"label-id: 0x{MBR_ID}"]
    if disk.table == "gpt":
        lines = ["label: gpt", f"label-id: {GPT_ID % 0}"]
    for number, start, length, kind in parts:
        line = f"start={start}MiB, size={length}MiB, type={(mbr if disk.table == 'mbr' else gpt)[kind]}"
        if disk.table == "gpt":
            line += f", uuid={GPT_ID % number}, name={'bootfs' if kind == 'boot' else kind.replace('root', 'rootfs')}"
        lines.append(line)
    script = scratch / "table"
    script.write_text("\n".join(lines) + "\n")
    with open(script, "rb") as file:
        cache.run(f"disk {disk.name}", ["sfdisk", "-q", image], stdin=file)


def _own_kernel(what: str, tar: pathlib.Path, scratch: pathlib.Path) -> dict:
    """The files of the root's /boot by their names on the boot partition."""
    cache.run(what, ["tar", "-C", scratch, "--wildcards", "-xf", tar, "./boot/*"])
    found = {}
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        for file in (scratch / "boot").glob(pattern):
            found[name] = file
    return found


def _boot(what: str, disk: Disk, tar: pathlib.Path, image: pathlib.Path, start: int, length: int,
          scratch: pathlib.Path) -> None:
    piece = scratch / "bootfs"
    piece.write_bytes(b"")
    os.truncate(piece, length * MIB)
    cache.run(what, ["mkfs.vfat", "-F", "32", "-n", "bootfs", "-i", FAT_ID.replace("-", ""), piece])
    files = {"config.txt": CONFIG_TXT.format(bits=0 if ROOTS[disk.root].arch == "armhf" else 1)}
    if disk.cmdline_txt:
        files["cmdline.txt"] = disk.cmdline_txt
    if disk.own_kernel:
        own = _own_kernel(what, tar, scratch)
        files["config.txt"] = OWN_KERNEL
        if "initrd.img" in own:
            files["config.txt"] += "initramfs initrd.img followkernel\n"
        for name, source in own.items():
            cache.run(what, ["mcopy", "-i", piece, source, f"::{name}"])
    for name, text in files.items():
        source = scratch / name
        source.write_text(text)
        cache.run(what, ["mcopy", "-i", piece, source, f"::{name}"])
    _place(piece, image, start)


def _root(what: str, disk: Disk, tar: pathlib.Path, piece: pathlib.Path, length: int,
          scratch: pathlib.Path) -> None:
    """The root file system as a file. Owners and modes come from the tar, as root or by fakeroot;
    device nodes stay away, since every system mounts a devtmpfs."""
    tree = scratch / "root"
    tree.mkdir()
    (scratch / "fstab").write_text(_fstab(disk))
    (scratch / "disk").write_text(f"{disk.name} {disk.table} partition {disk.root_number} {disk.filesystem}\n")
    if disk.filesystem not in ("erofs", "squashfs"):
        piece.write_bytes(b"")
        os.truncate(piece, length * MIB)
    make = {
        "ext4": f"mke2fs -q -t ext4 -L rootfs -U {FILESYSTEM_UUID} -m 0 -E hash_seed={FILESYSTEM_UUID},"
                f"lazy_itable_init=0,lazy_journal_init=0 -d @tree @piece",
        "btrfs": f"mkfs.btrfs -q -L rootfs -U {FILESYSTEM_UUID} --rootdir @tree @piece",
        "xfs": f"mkfs.xfs -q -L rootfs -m uuid={FILESYSTEM_UUID} -p @proto @piece",
        "f2fs": f"mkfs.f2fs -q -l rootfs -U {FILESYSTEM_UUID} @piece && sload.f2fs -P -f @tree @piece",
        "erofs": f"mkfs.erofs -U {FILESYSTEM_UUID} @piece @tree",
        "squashfs": "mksquashfs @tree @piece -noappend -no-progress -quiet",
    }[disk.filesystem]
    words = {"tree": tree, "piece": piece, "proto": scratch / "proto"}
    for word, value in words.items():
        make = make.replace("@" + word, shlex.quote(str(value)))
    into = shlex.quote(str(tree))
    script = [f"tar --numeric-owner -C {into} --exclude='./dev/*' -xpf {shlex.quote(str(tar))}",
              f"find {into} -type f ! -perm -u+r -exec chmod u+r {{}} +" if os.geteuid() != 0 else ":",
              f"mkdir -p {into}/dev {into}/etc",
              f"cp {shlex.quote(str(scratch / 'fstab'))} {into}/etc/fstab",
              f"cp {shlex.quote(str(scratch / 'disk'))} {into}/etc/disk" if disk.root.startswith("tiny") else ":"]
    if disk.filesystem == "xfs":
        script.append(f"/usr/bin/python3 -m lab.disks.protofile {into} >{shlex.quote(str(words['proto']))}")
    script.append(make)
    shell = ["sh", "-c", "umask 022; " + " && ".join(script)]
    if os.geteuid() != 0:
        if not shutil.which("fakeroot"):
            raise cache.DiskError("no fakeroot on this machine: ./bootwire setup")
        shell = ["fakeroot"] + shell  # it does not make readable what nobody may read
    cache.run(what, shell, cwd=cache.REPOSITORY)


def _fstab(disk: Disk) -> str:
    root = "PARTUUID=" + disk.partuuid if disk.partuuid else "UUID=" + disk.uuid
    check = 1 if disk.filesystem == "ext4" else 0
    lines = ["proc /proc proc defaults 0 0"]
    if disk.table != "none":
        lines.append(f"PARTUUID={disk.partuuid_of(1)} /boot/firmware vfat defaults 0 2")
    lines.append(f"{root} / {disk.filesystem} defaults,noatime 0 {check}")
    return "\n".join(lines) + "\n"


def _place(piece: pathlib.Path, image: pathlib.Path, start: int) -> None:
    """Copies what the file holds, but not its holes, to that MiB of the image."""
    with open(piece, "rb") as source, open(image, "r+b") as target:
        size = os.fstat(source.fileno()).st_size
        position = 0
        while position < size:
            try:
                position = os.lseek(source.fileno(), position, os.SEEK_DATA)
            except OSError:
                break
            hole = os.lseek(source.fileno(), position, os.SEEK_HOLE)
            source.seek(position)
            target.seek(start * MIB + position)
            while position < hole:
                block = source.read(min(MIB, hole - position))
                target.write(block)
                position += len(block)
    piece.unlink()
