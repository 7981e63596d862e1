"""A boot's stages as a table: what init said, and when."""

from __future__ import annotations

from lab.firmware import Boot
from lab.pi import Stage


def table(stages: list[Stage], boot: Boot | None = None, width: int = 100) -> str:
    lines = []
    if boot:
        lines.append(
            f"firmware: DHCP {boot.dhcp_ms} ms; {len(boot.requests)} files asked for, "
            f"{boot.bytes_fetched / 1e6:.2f} MB fetched by TFTP, {boot.total_ms} ms in all"
        )
    lines.append(f"{'ms':>8} {'+':>7}  stage (since the kernel's start)")
    before = 0
    for stage in stages:
        lines.append(f"{stage.ms:8} {stage.ms - before:7}  {stage.text[:width]}")
        before = stage.ms
    return "\n".join(lines)
