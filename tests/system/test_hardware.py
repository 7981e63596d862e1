"""docs/hardware.md: the check of every board's device tree, on the kernel that was built."""

from __future__ import annotations

import os
from pathlib import Path

from conftest import OUT

from lab.hardware import drivers
from lab.hardware.boards import BOARDS
from lab.hardware.survey import survey

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hardware.md"


def test_every_node_of_a_shipped_device_tree_that_booting_needs_has_a_driver():
    assert [str(finding) for finding in survey(OUT).findings] == []


def test_page_in_docs_is_what_the_check_says():
    said = survey(OUT).page()
    if "BOOTWIRE_RENEW" in os.environ:
        PAGE.write_text(said)
    assert PAGE.read_text() == said, "run this test with BOOTWIRE_RENEW=1 to write docs/hardware.md anew"


def test_a_driver_less_is_missed_by_the_boards_that_have_its_device(tmp_path):
    """What a change of kernel/boards.config would do."""
    for folder in ("dtbs", "overlays"):
        (tmp_path / folder).symlink_to(OUT / folder)
    kept = [driver for driver in drivers.from_text((OUT / "drivers.txt").read_text())
            if "brcm,bcm2835-mbox" not in driver.pattern]
    (tmp_path / "drivers.txt").write_text(drivers.to_text(kept))
    said = [str(finding) for finding in survey(tmp_path).findings]
    assert "4B: /soc/mailbox@7e00b880: no driver for brcm,bcm2835-mbox" in said
    assert {line.partition(":")[0] for line in said} == {board.name for board in BOARDS if board.tree}
