"""Flattened device trees: Devicetree Specification 0.4, chapter 5. Nothing outside the blob is read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.hardware.errors import HardwareError

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9
MOST_BYTES = 2 << 20
DEEPEST = 32
MOST_NODES = 20_000


@dataclass(eq=False)
class Node:
    name: str
    parent: Node | None = None
    properties: dict[str, bytes] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def path(self) -> str:
        if self.parent is None:
            return "/"
        return self.parent.path.rstrip("/") + "/" + self.name

    def texts(self, name: str) -> list[str]:
        """A list of strings; [] where there is no such property."""
        content = self.properties.get(name, b"")
        return [part.decode("utf-8", "replace") for part in content.split(b"\0")[:-1]]

    def text(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def cells(self, name: str) -> list[int]:
        content = self.properties.get(name, b"")
        if len(content) % 4:
            raise HardwareError(f"{self.path}: {name} has {len(content)} bytes, which are no 32-bit cells")
        return list(struct.unpack(f">{len(content) // 4}I", content))

    def cell(self, name: str, default: int) -> int:
        return next(iter(self.cells(name)), default)

    @property
    def enabled(self) -> bool:
        """What the kernel makes a device of: neither this node nor one above it is disabled."""
        own = self.text("status") if "status" in self.properties else "okay"
        return own in ("okay", "ok") and (self.parent is None or self.parent.enabled)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def child(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name == name), None)


class Tree:
    def __init__(self, root: Node) -> None:
        self.root = root
        self._by_phandle: dict[int, Node] = {}
        for node in root.walk():
            if "phandle" in node.properties:
                self._by_phandle[node.cell("phandle", 0)] = node

    def by_phandle(self, phandle: int) -> Node | None:
        return self._by_phandle.get(phandle)

    def find(self, path: str) -> Node | None:
        node: Node | None = self.root
        for name in path.strip("/").split("/"):
            if name and node:
                node = node.child(name)
        return node

    def alias(self, name: str) -> Node | None:
        aliases = self.find("/aliases")
        path = aliases.text(name) if aliases else ""
        return self.find(path) if path else None


class _Reader:
    """The structure block, token by token."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < 40 or struct.unpack_from(">I", blob)[0] != MAGIC:
            raise HardwareError("no flattened device tree: its magic number is missing")
        total, struct_at, strings_at = struct.unpack_from(">3I", blob, 4)
        version, strings_size, struct_size = (struct.unpack_from(">I", blob, at)[0] for at in (20, 32, 36))
        if total > MOST_BYTES or total > len(blob):
            raise HardwareError(f"says that it has {total} bytes, and has {len(blob)} (at most {MOST_BYTES} are read)")
        if version < 17:
            raise HardwareError(f"is of version {version}; 17 is read")
        if struct_at + struct_size > total or strings_at + strings_size > total:
            raise HardwareError("a block reaches beyond its end")
        self.struct = blob[struct_at : struct_at + struct_size]
        self.strings = blob[strings_at : strings_at + strings_size]
        self.at = 0

    def word(self) -> int:
        if self.at + 4 > len(self.struct):
            raise HardwareError("ends in the middle of a node")
        self.at += 4
        return int(struct.unpack_from(">I", self.struct, self.at - 4)[0])

    def name(self) -> str:
        end = self.struct.find(b"\0", self.at)
        if end < 0:
            raise HardwareError("a node's name has no end")
        name = self.struct[self.at : end].decode("utf-8", "replace")
        self.at = (end + 4) & ~3
        return name

    def property(self) -> tuple[str, bytes]:
        size, name_at = self.word(), self.word()
        end = self.strings.find(b"\0", name_at)
        if self.at + size > len(self.struct) or end < 0:
            raise HardwareError("a property reaches beyond its block")
        content = self.struct[self.at : self.at + size]
        self.at = (self.at + size + 3) & ~3
        return self.strings[name_at:end].decode("utf-8", "replace"), content


def parse(blob: bytes) -> Tree:
    reader = _Reader(blob)
    root: Node | None = None
    here: Node | None = None
    nodes = depth = 0
    while (token := reader.word()) != END:
        if token == BEGIN_NODE:
            nodes, depth = nodes + 1, depth + 1
            if nodes > MOST_NODES or depth > DEEPEST:
                raise HardwareError(f"has more than {MOST_NODES} nodes, or more than {DEEPEST} within each other")
            node = Node(reader.name(), here)
            if here:
                here.children.append(node)
            elif root:
                raise HardwareError("has two roots")
            else:
                root = node
            here = node
        elif token == PROPERTY and here:
            name, content = reader.property()
            here.properties[name] = content
        elif token == END_NODE and here:
            here, depth = here.parent, depth - 1
        elif token != NOP:
            raise HardwareError(f"has a token {token} where none may be")
    if root is None or here is not None:
        raise HardwareError("ends before its root does")
    return Tree(root)
