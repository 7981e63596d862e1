#!/usr/bin/env python3
"""usage: tools/font.py FOLDER >src/shim/screen/font_data.cpp

Makes the splash's glyphs from the console fonts of Debian's fonts-spleen (BSD-2-Clause), which
lie in FOLDER (/usr/share/consolefonts). The result is checked in: the build needs no font package.
"""

import gzip
import struct
import sys
from pathlib import Path

NAME = "".join(sorted(set("bootwire")))
ASCII = "".join(map(chr, range(0x20, 0x7F)))
FONTS = (("spleen-8x16", "small", 8, 16, ASCII), ("spleen-12x24", "medium", 12, 24, ASCII),
         ("spleen-16x32", "large", 16, 32, ASCII), ("spleen-32x64", "name", 32, 64, NAME))


def read_psf(path: Path) -> tuple[int, dict[str, bytes]]:
    """Bytes a glyph, and the glyph of each single character (kbd's PSF 1 and 2)."""
    data = gzip.decompress(path.read_bytes())
    glyphs: dict[str, bytes] = {}
    if data[:2] == b"\x36\x04":
        count, size, start = 512 if data[2] & 1 else 256, data[3], 4
        codes = struct.unpack(f"<{(len(data) - start - count * size) // 2}H", data[start + count * size :])
        glyph, sequence = 0, False
        for code in codes:
            if code == 0xFFFF:
                glyph, sequence = glyph + 1, False
            elif code == 0xFFFE:
                sequence = True
            elif not sequence:
                glyphs.setdefault(chr(code), data[start + glyph * size : start + (glyph + 1) * size])
        return size, glyphs
    _, _, start, _, count, size, _, _ = struct.unpack("<8I", data[:32])
    for glyph, text in enumerate(data[start + count * size :].split(b"\xff")[:count]):
        for character in text.split(b"\xfe")[0].decode():
            glyphs.setdefault(character, data[start + glyph * size : start + (glyph + 1) * size])
    return size, glyphs


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    print("// Made by tools/font.py from Spleen 1.9.1 (https://github.com/fcambus/spleen).\n//")
    for line in (folder / "../doc/fonts-spleen/copyright").read_text().splitlines():
        if line.startswith("Copyright") or (line.startswith(" ") and "GPL" not in line):
            text = line.strip()
            print(f"// {text}" if text != "." else "//")
        if line == "Files: debian/*":
            break
    print('#include "screen/font.h"\n\nnamespace bootwire::screen {\n\nnamespace {\n\n// clang-format off')
    for file, name, width, height, characters in FONTS:
        size, glyphs = read_psf(folder / f"{file}.psfu.gz")
        assert size == (width + 7) // 8 * height, (file, size)
        print(f"constexpr uint8_t {name}_glyphs[] = {{")
        for character in characters:
            glyph = glyphs[character]
            for at in range(0, size, 24):
                print("    " + "".join(f"{byte}," for byte in glyph[at : at + 24]))
        print("};")
    print(f'constexpr std::string_view ascii =\n    R"({ASCII})";')
    print("// clang-format on\n\n}  // namespace\n")
    for file, name, width, height, characters in FONTS:
        text = "ascii" if characters == ASCII else f'"{characters}"'
        print(f"const Font {name}_font{{{width}, {height}, {text}, {name}_glyphs}};")
    print("\n}  // namespace bootwire::screen")


if __name__ == "__main__":
    main()
