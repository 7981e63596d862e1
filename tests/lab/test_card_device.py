"""./bootwire sdcard --device: which disks are refused, and that what was written is compared.

A file stands in for the disk, folders for /sys and /proc.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.card import burn, device
from tools.card.errors import CardError

SIZE = 12 << 20
IMAGE = bytes(range(256)) * ((9 << 20) // 256) + b"end of it"


class Stand:
    """A machine with one disk, sdb, a card in a USB reader with one partition."""

    def __init__(self, folder: Path, name: str = "sdb") -> None:
        self.name = name
        self.disk = folder / "dev" / name
        self.disk.parent.mkdir()
        self.disk.write_bytes(b"\xff" * SIZE)
        self.image = folder / "card.img"
        self.image.write_bytes(IMAGE)
        self.mounts = folder / "mountinfo"
        self.mounts.write_text("22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n")
        self.swaps = folder / "swaps"
        self.swaps.write_text("Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n")
        self.machine = device.Machine(folder / "sys", self.mounts, self.swaps, Path.is_file)
        self.where = folder / "sys" / "devices" / "pci0" / "usb1" / "1-1" / "block" / name
        self.tell("size", str(SIZE // 512))
        self.tell("removable", "1")
        self.tell("ro", "0")
        self.tell("dev", "8:16")
        self.tell("device/vendor", "Generic")
        self.tell("device/model", "SD Reader")
        self.tell(f"{name}1/partition", "1")
        self.tell(f"{name}1/dev", "8:17")
        classes = folder / "sys" / "class" / "block"
        classes.mkdir(parents=True)
        (classes / name).symlink_to(self.where)
        (classes / f"{name}1").symlink_to(self.where / f"{name}1")
        (self.disk.parent / f"{name}1").write_bytes(b"")

    def tell(self, file: str, text: str) -> None:
        path = self.where / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")

    def examine(self) -> device.Disk:
        return device.examine(self.disk, len(IMAGE), self.machine)

    def burn(self, answer: Callable[[], str] | None) -> str:
        out = io.StringIO()
        burn.burn(self.image, self.disk, answer, out, self.machine)
        return out.getvalue()


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_a_card_in_a_reader_is_taken_and_described(stand):
    assert str(stand.examine()) == f"{stand.disk}: Generic SD Reader, 12.6 MB, with the partitions sdb1"


def test_a_card_in_a_slot_of_this_machine_is_taken_and_its_emmc_is_not(tmp_path):
    stand = Stand(tmp_path, "mmcblk0")
    stand.tell("removable", "0")
    stand.tell("device/type", "SD")
    assert stand.examine().size == SIZE
    stand.tell("device/type", "MMC")
    with pytest.raises(CardError, match="is no card"):
        stand.examine()


REFUSED = {
    "mounted": (lambda s: s.mounts.write_text("30 1 8:17 / /media/my\\040card rw - vfat /dev/sdb1 rw\n"),
                r"sdb1 is mounted at /media/my card: take it out of use"),
    "mounted as btrfs, which tells no number": (
        lambda s: s.mounts.write_text("30 1 0:35 / /mnt rw - btrfs /dev/sdb1 rw\n"), "sdb1 is mounted at /mnt"),
    "mounted as a whole": (lambda s: s.mounts.write_text("30 1 8:16 / /mnt rw shared:7 - ext4 /dev/sdb rw\n"),
                           "sdb is mounted at /mnt"),
    "swap": (lambda s: s.swaps.write_text("Filename\n/dev/sdb1 partition 1 0 -2\n"), "sdb1 is swap space"),
    "a part of LVM": (lambda s: s.tell("sdb1/holders/dm-0/name", "vg"), r"sdb1 is a part of dm-0 \(LVM"),
    "a disk inside": (lambda s: (s.tell("removable", "0"), s.move("pci0/ata1/block/sdb")), "no card and no USB disk"),
    "huge": (lambda s: s.tell("size", str(2 * 10**12 // 512)), r"has 2000.0 GB, more than 256.0 GB"),
    "too small": (lambda s: s.tell("size", "2048"), r"has 1.0 MB, the image needs 9.4 MB"),
    "an empty reader": (lambda s: s.tell("size", "0"), "has no card in it"),
    "write-protected": (lambda s: s.tell("ro", "1"), "slider at LOCK"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_disk_is_refused_that_is(tmp_path, what):
    class Movable(Stand):
        def move(self, place: str) -> None:
            new = tmp_path / "sys" / "devices" / place
            new.parent.mkdir(parents=True)
            self.where.rename(new)
            for name in ("sdb", "sdb1"):
                link = tmp_path / "sys" / "class" / "block" / name
                link.unlink()
                link.symlink_to(new if name == "sdb" else new / name)

    stand = Movable(tmp_path)
    change, why = REFUSED[what]
    change(stand)
    with pytest.raises(CardError, match=why):
        stand.burn(lambda: pytest.fail("it was asked"))
    assert stand.disk.read_bytes() == b"\xff" * SIZE


def test_a_partition_is_refused_and_its_disk_named(stand):
    with pytest.raises(CardError, match=r"is a partition: name the whole disk, .*/dev/sdb$"):
        device.examine(stand.disk.parent / "sdb1", 0, stand.machine)


@pytest.mark.parametrize("name", ["nvme0n1", "loop0", "vda", "dm-0", "zram0"])
def test_what_is_no_kind_of_card_is_refused_whatever_it_says_of_itself(tmp_path, name):
    with pytest.raises(CardError, match="is no card"):
        Stand(tmp_path, name).examine()


def test_a_file_and_a_name_that_is_not_there_are_no_disks(stand):
    with pytest.raises(CardError, match="is no disk.*--out FILE"):
        device.examine(stand.image, 0, replace(stand.machine, is_block=lambda path: path == stand.disk))
    with pytest.raises(CardError, match="there is no .*sdz.*lsblk"):
        device.examine(stand.disk.parent / "sdz", 0, stand.machine)


def test_nothing_is_written_unless_the_disks_name_is_typed(stand):
    for said in ("y\n", "yes\n", "\n", "sda\n", ""):
        with pytest.raises(CardError, match="nothing was written"):
            stand.burn(lambda: said)
        assert stand.disk.read_bytes() == b"\xff" * SIZE


def test_what_is_written_is_the_image_and_the_rest_of_the_card_stays(stand):
    said = stand.burn(lambda: "sdb\n")
    assert stand.disk.read_bytes() == IMAGE + b"\xff" * (SIZE - len(IMAGE))
    assert "Generic SD Reader" in said and "All that is on it will be lost" in said
    assert said.index("writing 100 %") < said.index("comparing 100 %") < said.index("was read back")


def test_a_disk_that_is_mounted_while_the_question_stands_is_refused(stand):
    def answer() -> str:
        stand.mounts.write_text("30 1 8:17 / /media/card rw - vfat /dev/sdb1 rw\n")
        return "sdb\n"

    with pytest.raises(CardError, match="is mounted at /media/card"):
        stand.burn(answer)
    assert stand.disk.read_bytes() == b"\xff" * SIZE


def test_a_card_that_gives_other_bytes_back_is_named_with_the_place(stand):
    stand.burn(None)
    with stand.disk.open("r+b") as disk:
        disk.seek(5_000_000)
        disk.write(b"!")
    with pytest.raises(CardError, match="from byte 5000000 on"):
        burn.compare(stand.image, stand.disk, lambda done: None)


def test_a_card_that_is_smaller_than_it_says_is_found_out(stand):
    with stand.disk.open("r+b") as disk:
        disk.truncate(4_000_000)
    with pytest.raises(CardError, match="ends after 4000000 bytes"):
        burn.compare(stand.image, stand.disk, lambda done: None)


def test_a_terminal_gets_a_bar(stand):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    bar = burn.Bar("writing", 200, out)
    bar(100)
    bar(200)
    halves = out.getvalue().split("\r")
    assert "[###############               ]  50%" in halves[1] and "[##############################] 100%" in halves[2]
    assert halves[2].endswith("\n")


def test_without_anybody_to_ask_nothing_is_written(stand, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("sdb\n"))
    with pytest.raises(CardError, match="--yes writes without asking"):
        burn.main([str(stand.image), str(stand.disk)])
