"""Stand-ins for what cards are made of: small files under the names of the real ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.card import content, parts  # noqa: E402


def make_card_sources(where: Path) -> content.Sources:
    """As ./bootwire build and Debian's archive leave them, each file with a content of its own."""
    folders = content.Sources(where / "out", where / "raspi-firmware_1.2+ds-3_all", where / "bookworm")
    for item in content.TABLE:
        if item.origin == "image" or item.optional:
            continue
        file = folders.folder(item.origin) / item.source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(f"{item.origin} {item.source}\n".encode() * (10 + len(item.source)))
    for folder, names in ((folders.firmware, ["raspi-firmware"]),
                          (folders.notices, [library.docs[0] for library in parts.LIBRARIES])):
        assert folder is not None
        for name in names:
            doc = folder / "usr" / "share" / "doc" / name
            doc.mkdir(parents=True)
            (doc / "copyright").write_text(f"the notice of {name}\n")
    return folders


@pytest.fixture
def card_sources(tmp_path: Path) -> content.Sources:
    return make_card_sources(tmp_path)


@pytest.fixture(scope="session")
def shared_card_sources(tmp_path_factory: pytest.TempPathFactory) -> content.Sources:
    """For those that only read."""
    return make_card_sources(tmp_path_factory.mktemp("card"))
