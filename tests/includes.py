"""usage: tests/includes.py PARTS [ROOT]

Compares the includes of each part of src/ with the parts that it says it uses. PARTS: the lines that
cmake/parts.cmake writes, NAME|GROUP|FOLDER|USES. A part's headers are included as "FOLDER'S NAME/file.h".
Exits with 1 and names each include of a part that is not declared, and each declared part of which
nothing is included."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]*)[">]', re.MULTILINE)


@dataclass
class Part:
    name: str
    group: str
    folder: Path
    uses: list[str]

    @property
    def prefix(self) -> str:
        return self.folder.name


def read_parts(text: str, root: Path) -> list[Part]:
    parts = []
    for line in text.splitlines():
        name, group, folder, uses = line.split("|")
        parts.append(Part(name, group, root / folder, uses.split()))
    return parts


def problems_of(part: Part, parts: list[Part]) -> list[str]:
    by_prefix = {other.prefix: other for other in parts}
    found: list[str] = []
    included: set[str] = set()
    sources = sorted(file for file in part.folder.iterdir() if file.suffix in (".h", ".cpp"))
    if not sources:
        return [f"{part.folder}: no source is in it"]
    for file in sources:
        for match in INCLUDE.finditer(file.read_text(encoding="utf-8")):
            quote, path = match.groups()
            prefix = path.split("/")[0]
            if quote == "<":
                if prefix in by_prefix and (by_prefix[prefix].folder / "/".join(path.split("/")[1:])).exists():
                    found.append(f"{file}: <{path}> is ours, and goes into quotes")
                continue
            other = by_prefix.get(prefix)
            if other is None or not (other.folder / "/".join(path.split("/")[1:])).is_file():
                found.append(f'{file}: "{path}" is no header of a part, by its group\'s root')
            elif other is not part:
                included.add(other.name)
                if other.name not in part.uses:
                    found.append(f'{file}: "{path}", but {part.name} does not say that it uses {other.name}')
    for name in part.uses:
        if name not in included:
            found.append(f"{part.folder}: {part.name} says that it uses {name}, and includes nothing of it")
    return found


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        sys.exit(__doc__)
    root = Path(arguments[1]) if len(arguments) == 2 else Path(__file__).resolve().parents[1]
    parts = read_parts(Path(arguments[0]).read_text(encoding="utf-8"), root)
    prefixes = [part.prefix for part in parts]
    found = [f"two parts have the name {prefix}" for prefix in sorted(set(prefixes)) if prefixes.count(prefix) > 1]
    for part in parts:
        found += problems_of(part, parts)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
