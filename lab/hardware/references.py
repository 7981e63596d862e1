"""What a node names in others: clocks, regulators, resets, power domains and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.hardware.errors import HardwareError
from lab.hardware.fdt import Node, Tree

# Property → the property of the provider that says how many cells follow its phandle.
SPECIFIERS = {
    "assigned-clock-parents": "#clock-cells",
    "assigned-clocks": "#clock-cells",
    "clocks": "#clock-cells",
    "dmas": "#dma-cells",
    "interrupts-extended": "#interrupt-cells",
    "iommus": "#iommu-cells",
    "mboxes": "#mbox-cells",
    "msi-parent": "#msi-cells",
    "nvmem-cells": "#nvmem-cell-cells",
    "phys": "#phy-cells",
    "power-domains": "#power-domain-cells",
    "pwms": "#pwm-cells",
    "resets": "#reset-cells",
    "thermal-sensors": "#thermal-sensor-cells",
}
MAY_HAVE_NONE = {"#msi-cells", "#nvmem-cell-cells"}  # an absent count is none
PHANDLES = {"brcm,firmware", "ddc", "firmware", "interrupt-parent", "memory-region", "mmc-pwrseq", "phy-handle",
            "raspberrypi,firmware", "syscon"}


@dataclass(frozen=True)
class Reference:
    property: str
    provider: Node


def _kind(name: str) -> str | None:
    """The provider's count of cells, "" for none; None if the property names no provider."""
    if name in SPECIFIERS:
        return SPECIFIERS[name]
    if name == "gpios" or name.endswith(("-gpios", "-gpio")):
        return "#gpio-cells"
    if name in PHANDLES or name.endswith("-supply") or re.fullmatch(r"pinctrl-\d+", name):
        return ""
    return None


def _provider(tree: Tree, node: Node, name: str, phandle: int) -> Node:
    provider = tree.by_phandle(phandle)
    if provider is None:
        raise HardwareError(f"{node.path}: {name} names a node that is not there (phandle {phandle:#x})")
    return provider


def _interrupt_parent(tree: Tree, node: Node) -> Node | None:
    here: Node | None = node
    while here:
        if "interrupt-parent" in here.properties:
            return _provider(tree, here, "interrupt-parent", here.cell("interrupt-parent", 0))
        here = here.parent
        if here and "interrupt-controller" in here.properties:
            return here
    return None


def references(tree: Tree, node: Node) -> Iterator[Reference]:
    if "interrupts" in node.properties:
        parent = _interrupt_parent(tree, node)
        if parent:
            yield Reference("interrupts", parent)
    for name in node.properties:
        kind = _kind(name)
        if kind is None or name == "interrupt-parent" or "gpio-hog" in node.properties:
            continue
        cells = node.cells(name)
        while cells:
            phandle = cells.pop(0)
            if phandle == 0:  # a place left empty, as some lists have
                continue
            provider = _provider(tree, node, name, phandle)
            if kind and kind not in provider.properties and kind not in MAY_HAVE_NONE:
                raise HardwareError(f"{node.path}: {name} names {provider.path}, which has no {kind}")
            cells = cells[provider.cell(kind, 0) if kind else 0 :]
            yield Reference(name, provider)
