"""The kernel's modules that do not travel in Image.gz: from where the kernel came, checked, beside the disk's own."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import phrases
import pytest
from card import Card
from image import Image
from shapes import partuuid
from test_kexec import BootPartition

from lab import modules
from lab.machine import Options
from lab.modules import Modules
from lab.network import SERVER
from lab.waiting import wait_until

BOOT_TIME = 1200
CTL = "/run/bootwire/bootwirectl modules"
OWN_MODPROBE = "/run/bootwire/bootwire-modprobe -q --"
NONE = "kernel modules: none but Image.gz's own"


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    from conftest import OUT

    return modules.make(OUT, tmp_path_factory.mktemp("modules"), ["dummy_hcd", "i6300esb"])


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server's address, and its folder."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def do_GET(self) -> None:
            if self.path == "/late.sqfs" and not (folder / "late.sqfs").exists():
                return self.send_error(503)  # comes up later
            if self.path != "/moved":
                return super().do_GET()
            self.send_response(301)
            self.send_header("Location", f"http://{SERVER}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((SERVER, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{SERVER}:{server.server_port}", folder
    server.shutdown()


@pytest.fixture
def with_folder(rack, disk, tmp_path) -> Callable[..., Path]:
    """with_folder(how): a tiny disk that is mounted so and has /lib/modules, where another kernel's modules are."""

    def make(how: str = "rw") -> Path:
        path = rack.copy(disk("tiny"))
        BootPartition(path, tmp_path).write("cmdline.txt", f"root={partuuid(2)} {how}\n")
        image = Image(path)
        for folder in ("/lib", "/lib/modules"):
            image.debugfs(f"mkdir {folder}", "-w")
        image.add("/lib/modules/6.1.0-other", "modules.dep", "kernel/other.ko:\n")
        return path

    return make


def boot(rack, image: Path, asked: Modules | None, *words: str, options: Options | None = None):
    """asked: for what the kernel asks; None: as one that was built without."""
    rack.target(image)
    rack.serve()
    pi = rack.pi(*words, options=options)
    modules.have_kernel_ask(rack.root, asked.sha256 if asked else "")
    pi.power_on()
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    return pi


def await_memory(pi) -> str:
    """What bootwirectl says once they have come."""
    return wait_until(lambda: pi.run(CTL).output, "modules in memory", 120, 0.5, fits=lambda said: "in memory" in said)


def place(rack, some: Modules, folder: str = "") -> None:
    target = rack.root / folder / modules.NAME
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    target.write_bytes(some.image.read_bytes())


def test_they_come_over_tftp_and_the_disk_keeps_what_it_has(rack, some, with_folder):
    place(rack, some)
    pi = boot(rack, with_folder(), some)
    said = await_memory(pi)
    assert f"from       tftp://{SERVER}/{modules.NAME}" in said
    assert "modules    2, in memory" in said and f"folder     {some.folder}" in said
    assert pi.check(f"ls {some.folder}/kernel").split() == ["dummy_hcd.ko", "i6300esb.ko"]
    assert pi.check("ls /lib/modules").split() == ["6.1.0-other", some.release]
    assert pi.check("cat /lib/modules/6.1.0-other/modules.dep") == "kernel/other.ko:"
    # What a package brings for another kernel goes to the disk.
    pi.check("mkdir /lib/modules/6.12.0-new && echo new >/lib/modules/6.12.0-new/modules.dep && sync")
    assert "new" in Image(rack.copies[-1]).read("/lib/modules/6.12.0-new/modules.dep")
    assert some.release not in Image(rack.copies[-1]).debugfs(f"ls {some.folder}"), "an empty folder is all"


def test_the_kernel_loads_them_by_name_where_the_system_has_no_kmod(rack, some, with_folder):
    place(rack, some)
    pi = boot(rack, with_folder(), some)
    await_memory(pi)
    assert "dummy_hcd" not in pi.check("cat /proc/modules")
    pi.check(f"{OWN_MODPROBE} dummy-hcd")
    assert "dummy_hcd" in pi.check("cat /proc/modules")
    pi.check(f"{OWN_MODPROBE} pci:v00008086d000025ABsv00000000sd00000000bc00sc00i00")
    assert "i6300esb" in pi.check("cat /proc/modules")


def test_a_root_that_is_read_only_shows_them_and_gets_a_folder_once_it_is_writable(rack, some, with_folder):
    place(rack, some)
    pi = boot(rack, with_folder("ro"), some)
    await_memory(pi)
    assert " ext4 ro" in pi.check("grep ' / ' /proc/mounts")
    assert pi.check("ls /lib/modules").split() == ["6.1.0-other", some.release]
    assert " overlay ro" in pi.check("grep ' /lib/modules ' /proc/mounts")
    assert not pi.run("mkdir /lib/modules/new").status == 0
    pi.check("mount -o remount,rw /")
    wait_until(lambda: pi.run("grep ' /lib/modules ' /proc/mounts").status, "the overlay goes", 60, 0.5)
    assert "dummy_hcd.ko" in pi.check(f"ls {some.folder}/kernel")
    pi.check("mkdir /lib/modules/new && sync")
    assert "new" in Image(rack.copies[-1]).debugfs("ls /lib/modules")


def test_a_root_without_the_folder_leaves_them_to_the_kernels_own_calls(rack, disk, some):
    place(rack, some)
    pi = boot(rack, disk("tiny"), some)
    said = await_memory(pi)
    assert "why        cannot make /lib/modules in the root" in said
    pi.check(f"{OWN_MODPROBE} dummy_hcd")


def test_a_pis_own_folder_on_the_server_comes_first(rack, some, with_folder):
    rack.target(with_folder())
    rack.serve()
    pi = rack.pi()
    place(rack, some, pi.serial[-8:])
    (rack.root / modules.NAME).write_bytes(b"another one's")
    modules.have_kernel_ask(rack.root, some.sha256)
    pi.power_on()
    pi.console.expect(phrases.TINY_UP, 240)
    pi.login()
    assert f"from       tftp://{SERVER}/{pi.serial[-8:]}/{modules.NAME}" in await_memory(pi)


def test_they_come_over_http(rack, some, with_folder, web):
    address, folder = web
    (folder / "some.sqfs").write_bytes(some.image.read_bytes())
    pi = boot(rack, with_folder(), some, f"bootwire.modules={address}/some.sqfs")
    assert f"from       {address}/some.sqfs" in await_memory(pi)
    assert "dummy_hcd.ko" in pi.check(f"ls {some.folder}/kernel")


def test_what_is_not_the_file_of_this_kernel_is_refused(rack, some, with_folder, web):
    address, folder = web
    (folder / "wrong.sqfs").write_bytes(some.image.read_bytes() + b"\0")
    pi = boot(rack, with_folder(), some, f"bootwire.modules={address}/wrong.sqfs")
    said = wait_until(lambda: pi.check(CTL), "a verdict", 60, 0.5, fits=lambda said: "being fetched" not in said)
    assert "none but those in Image.gz" in said
    assert f"{address}/wrong.sqfs: it is not the file that was made with this Image.gz" in said
    assert pi.check("ls /lib/modules") == "6.1.0-other"


def test_a_redirection_is_not_followed(rack, some, with_folder, web):
    address, _ = web
    pi = boot(rack, with_folder(), some, f"bootwire.modules={address}/moved")
    said = wait_until(lambda: pi.check(CTL), "a verdict", 60, 0.5, fits=lambda said: "being fetched" not in said)
    assert f"sends on to http://{SERVER}/elsewhere" in said


def test_where_there_are_none_one_line_says_so_and_bootwirectl_how_to_get_them(rack, some, with_folder):
    pi = boot(rack, with_folder(), some)
    said = wait_until(lambda: pi.check(CTL), "a verdict", 60, 0.5, fits=lambda said: "being fetched" not in said)
    assert "modules    none but those in Image.gz" in said
    assert f"why        tftp://{SERVER}/" in said and "there is no such file" in said
    assert "to have    put modules.sqfs beside the Image.gz" in said
    assert len([line for line in pi.console.text.splitlines() if NONE in line]) == 1, "of the two places, in one line"
    assert pi.run(f"{CTL} install").status == 2
    asked = [line for line in rack.dhcp.log().splitlines() if modules.NAME in line and "not found" in line]
    assert len(asked) == 2, "once in each place"


def test_a_kernel_that_was_built_without_says_so_and_asks_nobody(rack, with_folder, some):
    place(rack, some)
    pi = boot(rack, with_folder(), None)
    assert pi.console.seen(f"{NONE}: this Image.gz was built without")
    assert "built without" in pi.check(CTL)
    assert f"sent {rack.root / modules.NAME}" not in rack.dhcp.log()


def test_nothing_is_fetched_if_that_is_not_wanted(rack, with_folder, some):
    place(rack, some)
    pi = boot(rack, with_folder(), some, "bootwire.modules=off")
    assert pi.console.seen(f"{NONE}: bootwire.modules=off")


def test_the_disks_own_are_used(rack, with_folder, some):
    place(rack, some)
    image = with_folder()
    Image(image).add(some.folder, "modules.dep", "kernel/own.ko:\n")
    pi = boot(rack, image, some)
    assert pi.console.seen("kernel modules: the disk has them")
    assert "modules    1, of the disk" in pi.check(CTL)
    assert pi.check(f"ls {some.folder}") == "modules.dep"
    assert "squashfs" not in pi.check("cat /proc/mounts")


def test_they_are_put_on_the_disk_when_asked_and_used_from_there(rack, some, with_folder):
    place(rack, some)
    pi = boot(rack, with_folder(), some)
    await_memory(pi)
    said = pi.check(f"{CTL} install")
    assert "modules    2, of the disk" in said
    assert "squashfs" not in pi.check("cat /proc/mounts"), "its memory is free again"
    pi.check(f"{OWN_MODPROBE} dummy_hcd")
    on_disk = Image(rack.copies[-1])
    pi.check("sync")
    assert "i6300esb.ko" in on_disk.debugfs(f"ls {some.folder}/kernel")
    assert ".new" not in on_disk.debugfs("ls /lib/modules")
    pi.power_off()
    pi.power_on()
    pi.console.expect("kernel modules: the disk has them", 240)


def test_nothing_is_installed_where_there_is_no_room(rack, some, with_folder):
    place(rack, some)
    pi = boot(rack, with_folder(), some)
    await_memory(pi)
    pi.run("dd if=/dev/zero of=/full bs=1M")
    ran = pi.run(f"{CTL} install")
    assert ran.status == 2 and "there is no room" in ran.output
    assert ".new" not in pi.check("ls -a /lib/modules")
    assert "dummy_hcd.ko" in pi.check(f"ls {some.folder}/kernel"), "they are still there"


def test_they_come_from_the_card_that_the_kernel_came_from(make_rack, disk, some, tmp_path):
    rack = make_rack("raspi3b")
    image = rack.copy(disk("tiny"))
    for folder in ("/lib", "/lib/modules"):
        Image(image).debugfs(f"mkdir {folder}", "-w")
    rack.target(image)
    rack.serve(network_boot=False)
    card = tmp_path / "card.img"
    pi = rack.pi(options=Options(card=card))
    modules.have_kernel_ask(rack.root, some.sha256)
    blank = Card.blank(card)
    for file in sorted(path for path in rack.root.rglob("*") if path.is_file()):
        blank.put(str(file.relative_to(rack.root)), file.read_bytes())
    blank.put(modules.NAME, some.image.read_bytes())
    pi.insert_card(card)
    pi.start()
    pi.console.expect(phrases.TINY_UP, 400)
    pi.login()
    assert f"from       {modules.NAME} of the SD card" in await_memory(pi)
    assert "dummy_hcd.ko" in pi.check(f"ls {some.folder}/kernel")


@pytest.mark.long
@pytest.mark.limit(1200)
def test_udev_loads_for_a_device_what_came_after_the_switch(rack, disk, some, web):
    """On an unmodified Debian, with no word typed; no unit fails for it."""
    address, folder = web
    rack.target(disk("debian-arm64"))
    source = rack.directory / "list"
    source.write_text("dummy_hcd\n")
    Image(rack.copies[-1]).put(source, "/etc/modules-load.d/lab.conf")
    rack.serve()
    pi = rack.pi(f"bootwire.modules={address}/late.sqfs", options=Options(cpus=2, extra=["-device", "i6300esb"]))
    modules.have_kernel_ask(rack.root, some.sha256)
    pi.power_on()
    pi.login(BOOT_TIME)
    (folder / "late.sqfs").write_bytes(some.image.read_bytes())
    wait_until(lambda: pi.run("grep i6300esb /proc/modules").status == 0, "the watchdog's module", 300, 2)
    wait_until(lambda: pi.run("grep dummy_hcd /proc/modules").status == 0, "a module that is listed", 120, 2)
    assert pi.check("modinfo -F filename dummy_hcd").startswith(some.folder)
    assert pi.check("systemctl --failed --no-legend --plain") == ""
    assert pi.check(f"findmnt -no FSTYPE {some.folder}") == "squashfs"


def test_behind_the_disks_own_initramfs_they_are_there_as_well(rack, disk, some, tmp_path):
    import handmade
    from test_own_initramfs import with_initramfs

    place(rack, some)
    program = handmade.busybox(disk("tiny"), tmp_path)
    initramfs = handmade.make(program, handmade.script("initramfs-tools"))
    image = with_initramfs(rack, disk, tmp_path, initramfs, "root=/dev/mapper/x")
    for folder in ("/lib", "/lib/modules"):
        Image(image).debugfs(f"mkdir {folder}", "-w")
    pi = boot(rack, image, some)
    await_memory(pi)
    assert "dummy_hcd.ko" in pi.check(f"ls {some.folder}/kernel")
