"""tools/wifi_firmware.py: every file that a board's Wi-Fi will ask for is there under that name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import wifi_firmware
from tools.wifi_firmware import BOARDS, FirmwareError, base_of, check, files, make

ROOT = Path(__file__).resolve().parents[2]
# Of the table of Linux 7.3, drivers/net/wireless/broadcom/brcm80211/brcmfmac/sdio.c, what is about these chips.
DRIVER = """
BRCMF_FW_DEF(43430A0, "brcmfmac43430a0-sdio");
/* Note the names are not postfixed with a1 for backward compatibility */
BRCMF_FW_CLM_DEF(43430A1, "brcmfmac43430-sdio");
BRCMF_FW_DEF(43430B0, "brcmfmac43430b0-sdio");
BRCMF_FW_CLM_DEF(43455, "brcmfmac43455-sdio");
BRCMF_FW_DEF(43456, "brcmfmac43456-sdio");
\tBRCMF_FW_ENTRY(BRCM_CC_43430_CHIP_ID, 0x00000001, 43430A0),
\tBRCMF_FW_ENTRY(BRCM_CC_43430_CHIP_ID, 0x00000002, 43430A1),
\tBRCMF_FW_ENTRY(BRCM_CC_43430_CHIP_ID, 0xFFFFFFFC, 43430B0),
\tBRCMF_FW_ENTRY(BRCM_CC_4345_CHIP_ID, 0x00000200, 43456),
\tBRCMF_FW_ENTRY(BRCM_CC_4345_CHIP_ID, 0xFFFFFDC0, 43455),
"""
TREES = {tree: board.compatible for board in BOARDS for tree in board.trees}


def test_what_the_driver_says_of_its_chips_is_what_is_said_here() -> None:
    assert check(DRIVER, TREES) == []
    assert base_of(DRIVER, "BRCM_CC_4345_CHIP_ID", 9) == "brcmfmac43456-sdio"
    with pytest.raises(FirmwareError, match="knows no BRCM_CC_4345_CHIP_ID of revision 5"):
        base_of(DRIVER, "BRCM_CC_4345_CHIP_ID", 5)


def test_a_driver_with_other_names_is_noticed() -> None:
    assert check(DRIVER.replace("brcmfmac43455-sdio", "brcmfmac43455c0-sdio"), TREES) == [
        "the driver wants brcmfmac43455c0-sdio for BRCM_CC_4345_CHIP_ID of revision 6, not brcmfmac43455-sdio"]


def test_a_tree_that_makes_the_driver_ask_otherwise_is_noticed() -> None:
    wrong = check(DRIVER, TREES | {"bcm2711-rpi-cm4-io": "raspberrypi,4-compute-module-io", "bcm2712-rpi-6": "x"})
    assert len(wrong) == 2
    assert "bcm2711-rpi-cm4-io is raspberrypi,4-compute-module-io, not raspberrypi,4-compute-module" in wrong[0]
    assert "bcm2712-rpi-6: nothing says which chip" in wrong[1]


def test_each_tree_that_ships_has_a_board() -> None:
    text = (ROOT / "kernel" / "common.sh").read_text()
    shipped = re.search(r'^dtbs="([^"]+)"', text, re.MULTILINE)
    assert shipped
    assert set(shipped[1].split()) == set(TREES) | set(wifi_firmware.WITHOUT_WIFI)


def test_each_board_has_all_kinds_under_its_own_name() -> None:
    names = [file.name for file in files()]
    assert len(names) == len(set(names)) == 3 * len(BOARDS)
    for kind in ("bin", "txt", "clm_blob"):
        assert f"brcm/brcmfmac43455-sdio.raspberrypi,4-compute-module.{kind}" in names
    assert all(file.package in wifi_firmware.PACKAGES for file in files())


def lay_out(packages: Path) -> None:
    for file in files():
        source = packages / "usr" / "lib" / "firmware" / file.source
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(file.source)


def test_each_content_is_there_once_and_each_name_leads_to_its_own(tmp_path: Path) -> None:
    lay_out(tmp_path / "packages")
    make(tmp_path / "packages", tmp_path / "made")
    make(tmp_path / "packages", tmp_path / "made")  # again is no matter
    for file in files():
        assert (tmp_path / "made" / file.name).read_text() == file.source
    contents = [path for path in (tmp_path / "made" / "brcm").iterdir() if not path.is_symlink()]
    assert len(contents) == len({file.source for file in files()})


def test_a_package_that_lacks_a_file_is_named(tmp_path: Path) -> None:
    lay_out(tmp_path / "packages")
    (tmp_path / "packages" / "usr" / "lib" / "firmware" / "cypress" / "cyfmac43455-sdio.clm_blob").unlink()
    with pytest.raises(FirmwareError, match="firmware-brcm80211 has no cypress/cyfmac43455-sdio.clm_blob"):
        make(tmp_path / "packages", tmp_path / "made")
