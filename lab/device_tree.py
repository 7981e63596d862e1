"""What the firmware writes into the device tree before it starts the kernel."""

from __future__ import annotations

from pathlib import Path

from lab.processes import run


def put_text(tree: Path, node: str, name: str, value: str) -> None:
    run("fdtput", "-p", "-t", "s", str(tree), node, name, value)


def put_cells(tree: Path, node: str, name: str, *cells: int) -> None:
    run("fdtput", "-p", "-t", "x", str(tree), node, name, *[f"{cell:x}" for cell in cells])


def put_bytes(tree: Path, node: str, name: str, content: bytes) -> None:
    run("fdtput", "-p", "-t", "bx", str(tree), node, name, *[f"{byte:x}" for byte in content])


def get_text(tree: Path, node: str, name: str) -> str:
    return run("fdtget", "-d", "", str(tree), node, name, check=False).strip()


def get_cells(tree: Path, node: str, name: str) -> list[int]:
    return [int(cell, 16) for cell in run("fdtget", "-t", "x", str(tree), node, name).split()]


def ethernet_node(tree: Path) -> str:
    """The node of the alias that the firmware patches, "" where the board has none."""
    return get_text(tree, "/aliases", "ethernet0") or get_text(tree, "/aliases", "ethernet")


def apply_overlay(tree: Path, overlay: Path) -> None:
    run("fdtoverlay", "-i", str(tree), "-o", str(tree), str(overlay))


def identify(tree: Path, *, serial: str, model: str, revision: int, mac: str) -> None:
    put_text(tree, "/", "serial-number", serial)
    if model:
        put_text(tree, "/", "model", model)
    if revision:
        put_cells(tree, "/system", "linux,revision", revision)
        put_cells(tree, "/system", "linux,serial", int(serial[:8], 16), int(serial[8:], 16))
    node = ethernet_node(tree)
    if node:
        put_bytes(tree, node, "local-mac-address", bytes.fromhex(mac.replace(":", "")))


def set_command_line(tree: Path, command_line: str) -> None:
    put_text(tree, "/chosen", "bootargs", command_line)


def require(tree: Path, node: str) -> None:
    """An error where there is no such node; fdtput would make one."""
    run("fdtget", "-p", str(tree), node)


def disable(tree: Path, node: str) -> None:
    require(tree, node)
    put_text(tree, node, "status", "disabled")


def change(tree: Path, node: str, name: str, value: int | str | None) -> None:
    """None: there is no such property any more."""
    require(tree, node)
    if value is None:
        run("fdtput", "-d", str(tree), node, name)
    elif isinstance(value, int):
        put_cells(tree, node, name, value)
    else:
        put_text(tree, node, name, value)
