"""Whether the nodes of a board's device tree, and whatever they name, have drivers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lab.hardware import boards
from lab.hardware.boards import Board
from lab.hardware.drivers import Catalogue
from lab.hardware.fdt import Node, Tree
from lab.hardware.references import references


@dataclass(frozen=True)
class Finding:
    board: str
    ability: str
    node: str
    what: str

    def __str__(self) -> str:
        return f"{self.board}: {self.node}: {self.what}"


@dataclass
class Verdict:
    """Of a board: by ability, what it stands on (nodes and who drives them), or why there is none."""

    board: Board
    findings: list[Finding] = field(default_factory=list)
    abilities: dict[str, str] = field(default_factory=dict)  # "" : all have drivers; else a short word
    left_out: set[str] = field(default_factory=set)


def _modalias(compatible: str, is_hub: bool) -> str | None:
    """Of a node for a device that its bus finds by itself: "pci1de4,1", "usb424,ec00"."""
    for bus, digits in (("pci", 8), ("usb", 4)):
        vendor, comma, product = compatible.removeprefix(bus).partition(",")
        try:
            numbers = int(vendor, 16), int(product, 16)
        except ValueError:
            continue
        if compatible.startswith(bus) and comma:
            if bus == "pci":
                return f"pci:v{numbers[0]:08X}d{numbers[1]:08X}sv00000000sd00000000bc02sc00i00"
            kind = "09" if is_hub else "00"
            return f"usb:v{numbers[0]:04X}p{numbers[1]:04X}d0000dc{kind}dsc00dp00ic{kind}isc00ip00in00"
    return None


class Check:
    def __init__(self, board: Board, tree: Tree, catalogue: Catalogue) -> None:
        self.board = board
        self.tree = tree
        self.catalogue = catalogue

    def drivers(self, node: Node) -> tuple[bool, str]:
        """Whether the node needs none or has one, and if not, what is missing."""
        compatibles = node.texts("compatible")
        if node.parent is None or any(each in boards.NO_DEVICES for each in compatibles):
            return True, ""
        for compatible in compatibles:
            for symbol in boards.BY_SYMBOL.get(compatible, ()):
                if not self.catalogue.has_symbol(symbol):
                    return False, f"no driver for {compatible}: the kernel has no {symbol}"
        if any(each in boards.ONLY_BY_SYMBOL for each in compatibles):
            return True, ""
        for compatible in compatibles:
            modalias = _modalias(compatible, bool(node.children))
            if modalias and self.catalogue.for_modalias(modalias):
                return True, ""
            if compatible not in boards.GENERIC and self.catalogue.for_compatible(compatible):
                return True, ""
        return False, f"no driver for {compatibles[0]}"

    def is_left_out(self, node: Node) -> bool:
        return any(each in boards.LEFT_OUT for each in node.texts("compatible"))

    @staticmethod
    def device(node: Node) -> Node:
        """The node that a driver binds to: a set of pins, a regulator belong to one above them."""
        here = node
        while "compatible" not in here.properties and here.parent:
            here = here.parent
        return here

    def needed(self, starts: Iterable[Node]) -> dict[Node, str]:
        """These nodes, all above them and all that they name, each with who named it first."""
        waiting = [(node, "") for node in starts]
        found: dict[Node, str] = {}
        while waiting:
            node, by = waiting.pop(0)
            if node in found:
                continue
            found[node] = by
            if node.parent:
                waiting.append((self.device(node.parent), f"above {node.path}"))
            for inner in self._own_nodes(node):
                for reference in references(self.tree, inner):
                    provider = self.device(reference.provider)
                    if provider is not node and not self._optional(node, provider):
                        waiting.append((provider, f"{inner.path} names it ({reference.property})"))
        return found

    @staticmethod
    def _optional(node: Node, provider: Node) -> bool:
        return any((one, other) in boards.OPTIONAL
                   for one in node.texts("compatible") for other in provider.texts("compatible"))

    def _own_nodes(self, node: Node) -> Iterator[Node]:
        """With the nodes below that are part of the same device; the root is none."""
        yield node
        if node.parent is None:
            return
        for child in node.children:
            if "compatible" not in child.properties and child.enabled:
                yield from self._own_nodes(child)

    def problems(self, starts: Iterable[Node], ability: str) -> list[Finding]:
        found = []
        for node, by in self.needed(starts).items():
            has_driver, what = self.drivers(node)
            because = f"; {by}" if by else ""
            if not node.enabled and node.parent and ability != "EEPROM":
                found.append(Finding(self.board.name, ability, node.path, f"is disabled{because}"))
            elif not has_driver:
                found.append(Finding(self.board.name, ability, node.path, what + because))
        return found

    def compatible_with(self, names: tuple[str, ...], only_enabled: bool = True) -> list[Node]:
        return [node for node in self.tree.root.walk()
                if any(each in names for each in node.texts("compatible")) and (node.enabled or not only_enabled)]

    def for_boot(self) -> list[Node]:
        """Every enabled node with a compatible string, but for what other abilities are about."""
        others = {*boards.WIFI, *boards.DISPLAY}
        return [node for node in self.tree.root.walk()
                if "compatible" in node.properties and node.enabled and not self.is_left_out(node)
                and not self.is_left_out(self.device(node.parent or node))
                and not others & set(node.texts("compatible"))]

    def starts(self, ability: str) -> list[Node]:
        if ability == "Ethernet":
            node = self.tree.alias("ethernet0") or self.tree.alias("ethernet")
            return [node] if node and node.enabled else []
        if ability == "Wi-Fi":
            return self.compatible_with(boards.WIFI)
        if ability == "USB device":
            return [node for node in self.compatible_with(boards.USB_DEVICE) if node.text("dr_mode") != "host"]
        if ability == "HDMI":
            return self.compatible_with(boards.DISPLAY) if self.compatible_with(boards.HDMI) else []
        if ability == "EEPROM":
            node = self.tree.alias("blconfig")
            return [node] if node else []
        return self.for_boot()

    def run(self) -> Verdict:
        verdict = Verdict(self.board)
        verdict.left_out = {boards.LEFT_OUT[each] for node in self.tree.root.walk() if node.enabled
                            for each in node.texts("compatible") if each in boards.LEFT_OUT
                            and not self.drivers(node)[0]}
        for ability in boards.ABILITIES:
            if ability in self.board.lacks:
                continue
            starts = self.starts(ability)
            found = self.problems(starts, ability)
            found += [Finding(self.board.name, ability, chip.name, f"no driver for {chip.modalias}")
                      for chip in self.board.chips
                      if chip.ability == ability and not self.catalogue.for_modalias(chip.modalias)]
            verdict.abilities[ability] = "" if starts and not found else "no driver" if starts else "no node"
            if ability != "Wi-Fi":  # its driver belongs to another variant of the image
                verdict.findings += found
        return verdict
