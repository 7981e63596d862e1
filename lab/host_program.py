"""Programs of lab/peer, compiled for this machine."""

from __future__ import annotations

import os
from pathlib import Path

from lab.errors import LabError

ROOT = Path(__file__).resolve().parents[1]


def host_program(name: str) -> str:
    """Its path: among the host's programs (tools/common.sh), or in the folder that BOOTWIRE_HOST_BUILD names."""
    folder = Path(os.environ.get("BOOTWIRE_HOST_BUILD", ROOT / "build"))
    for found in sorted(folder.glob(f"**/lab-peer/{name}")):
        return str(found)
    raise LabError(f"no {name} in {folder}: the host's programs come first (./bootwire test --unit makes them)")
