"""usage: tests/bridge/check.py symbols NM OBJDUMP LINKED…
       tests/bridge/check.py size LINKED…

Looks at what was linked for a bridge's processors. symbols: whether it needs anything that a bridge is
not asked to bring (port.h), such as a heap or a system. size: tells the bytes of each part, and whether
all of them fit into what they may be. LINKED: the linker's output, with its map beside it (LINKED.map)
and the processor's name as its folder."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

# Bytes. Flash has code and constants, RAM what is not on the stack: both of the stand-in's, too.
FLASH = 28 * 1024
RAM = 50 * 1024

PORT = (
    r"bridge::connect\(.*\)",
    r"bridge::send\(.*\)",
    r"bridge::receive\(.*\)",
    r"bridge::fill_with_random\(.*\)",
    r"bootwire::iscsi::chap_hash\(.*\)",
)
ALLOWED = (
    *PORT,
    r"std::__throw_out_of_range_fmt\(.*\)",
    r"mem(chr|cmp|cpy|move|set)|strlen",
    # libgcc's arithmetic and switches
    r"__aeabi_(u?idiv(mod)?|u?ldivmod|l(lsl|lsr|asr|mul)|u?lcmp)|__(clz|ctz|popcount)[sd]i2|__gnu_thumb1_case_\w+",
)


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def references_in(objdump: str, linked: Path) -> dict[str, set[str]]:
    """Which functions refer to a symbol."""
    references: dict[str, set[str]] = defaultdict(set)
    function = ""
    for line in output_of(objdump, "--reloc", str(linked)).splitlines():
        if section := re.match(r"RELOCATION RECORDS FOR \[(\S+)\]", line):
            function = without_section(section[1])
        elif entry := re.match(r"[0-9a-f]+ +R_ARM_\w+ +([^\s+-]+)", line):
            references[without_section(entry[1])].add(function)
    return references


def without_section(name: str) -> str:
    return re.sub(r"^\.(text|rodata|data|bss)\.(startup\.)?", "", name)


def who_needs(symbol: str, references: dict[str, set[str]]) -> set[str]:
    """The functions that refer to the symbol, those of the standard library left out: who called them?"""
    found: set[str] = set()
    seen: set[str] = set()
    rest = [symbol]
    while rest:
        for function in references.get(rest.pop(), set()) - seen:
            seen.add(function)
            if re.match(r"_ZN?K?S", function):
                rest.append(function)
            else:
                found.add(function)
    return found


def check_symbols(nm: str, objdump: str, linked: list[Path]) -> bool:
    def readable(name: str) -> str:
        return output_of(nm.removesuffix("nm") + "c++filt", name).strip()

    good = True
    for file in linked:
        # The linker leaves names in the table of symbols that only functions knew which it dropped:
        # what is needed is what is referred to.
        references = references_in(objdump, file)
        undefined = re.findall(r"^ +[Uvw] (\S+)$", output_of(nm, "--undefined-only", str(file)), re.MULTILINE)
        needed = {readable(symbol): symbol for symbol in sorted(undefined) if symbol in references}
        for name, symbol in needed.items():
            if not any(re.fullmatch(allowed, name) for allowed in ALLOWED):
                good = False
                callers = ", ".join(sorted(readable(function) for function in who_needs(symbol, references)))
                print(f"{file.parent.name}: a bridge has no {name}, which {callers} needs")
        for port in PORT:
            if not any(re.fullmatch(port, name) for name in needed):
                good = False
                print(f"{file.parent.name}: nothing needs {port}: what is linked is not what a bridge will use")
    return good


def sizes_of(linked: Path) -> tuple[dict[str, int], int]:
    """Bytes of flash of each part, and bytes of RAM, by the linker's map."""
    flash: dict[str, int] = defaultdict(int)
    ram = 0
    text = Path(f"{linked}.map").read_text(encoding="utf-8")
    for section, size, part in re.findall(
        r"^ (\.(?:text|rodata|data|bss|init_array|ARM\.ex)[\w.$]*)\s+0x[0-9a-f]+\s+0x([0-9a-f]+) \S*/(\w+)/\w+\.o$",
        text[text.index("Linker script and memory map"):],
        re.MULTILINE,
    ):
        if not section.startswith(".bss"):
            flash[part] += int(size, 16)
        if section.startswith((".bss", ".data")):
            ram += int(size, 16)
    return flash, ram


def check_sizes(linked: list[Path]) -> bool:
    sizes = [sizes_of(file) for file in linked]
    parts = sorted({part for flash, _ in sizes for part in flash})
    rows = {part: [flash[part] for flash, _ in sizes] for part in parts}
    all_flash = [sum(flash.values()) for flash, _ in sizes]
    all_ram = [ram for _, ram in sizes]

    def row(name: str, *columns: object) -> None:
        print(f"{name:<22}" + "".join(f"{column:>16}" for column in columns))

    row("bytes", *(file.parent.name for file in linked), "budget")
    for part, columns in rows.items():
        row(f"  {part}", *columns, "")
    row("flash", *all_flash, FLASH)
    row("RAM", *all_ram, RAM)
    good = all(0 < flash <= FLASH for flash in all_flash) and all(0 < ram <= RAM for ram in all_ram)
    if not good:
        print("more than a bridge has for it (tests/bridge/check.py)")
    return good


def main(arguments: list[str]) -> int:
    match arguments:
        case ["symbols", nm, objdump, *linked] if linked:
            good = check_symbols(nm, objdump, [Path(file) for file in linked])
        case ["size", *linked] if linked:
            good = check_sizes([Path(file) for file in linked])
        case _:
            sys.exit(__doc__)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
