"""./bootwire sdcard --eeprom: which bootloaders go onto a card."""

from __future__ import annotations

from pathlib import Path

import pytest
from eeprom_image import image_2711, image_2712

from tools.card import eeprom, image, sdcard
from tools.card.errors import CardError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """In the shape of rpi-eeprom, with nothing of it."""
    root = tmp_path / "rpi-eeprom"
    for chip, content in (("2711", image_2711()), ("2712", image_2712())):
        folder = root / f"firmware-{chip}" / "default"
        folder.mkdir(parents=True)
        for date in ("2025-11-05", "2026-05-26"):
            (folder / f"pieeprom-{date}.bin").write_bytes(content)
        (folder / "recovery.bin").write_bytes(f"recovery {chip}".encode())
        (folder / "vl805-000138c0.bin").write_bytes(b"for the USB controller")
        (root / f"firmware-{chip}" / "latest").mkdir()
        (root / f"firmware-{chip}" / "latest" / "pieeprom-2026-11-01.bin").write_bytes(content)
    return root


def test_the_newest_default_image_for_each_chip_with_what_flashes_it(repository):
    assert sorted(eeprom.files(repository)) == [
        "eeprom/firmware-2711/default/pieeprom-2026-05-26.bin", "eeprom/firmware-2711/default/recovery.bin",
        "eeprom/firmware-2712/default/pieeprom-2026-05-26.bin", "eeprom/firmware-2712/default/recovery.bin",
    ]


def test_images_for_single_boards_as_well(repository):
    own = repository / "firmware-2711" / "default-c03111"
    own.mkdir()
    (own / "pieeprom-2024-01-01.bin").write_bytes(image_2711())
    (own / "recovery.bin").write_bytes(b"recovery")
    assert "eeprom/firmware-2711/default-c03111/pieeprom-2024-01-01.bin" in eeprom.files(repository)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(CardError, match="copy of the repository"):
        eeprom.files(tmp_path)
    with pytest.raises(CardError, match="copy of the repository"):
        eeprom.files(tmp_path / "nowhere")


def test_an_image_of_another_size_and_one_without_recovery_are_refused(repository):
    (repository / "firmware-2711" / "default" / "recovery.bin").unlink()
    with pytest.raises(CardError, match="recovery.bin"):
        eeprom.files(repository)
    (repository / "firmware-2711" / "default" / "pieeprom-2026-05-26.bin").write_bytes(b"cut off")
    with pytest.raises(CardError, match="7 bytes"):
        eeprom.files(repository)


def test_they_are_on_the_card_where_the_pi_looks(repository, card_sources, tmp_path):
    card = tmp_path / "card.img"
    found = sdcard.files(card_sources, [], repository)
    assert image.write(found, card) == card.stat().st_size
    assert Path(str(found["eeprom/firmware-2712/default/recovery.bin"])).read_bytes() == b"recovery 2712"
