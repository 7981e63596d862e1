"""Pictures of a screen as PNG, with nothing but zlib."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_ppm(path: Path) -> tuple[int, int, bytes]:
    return parse_ppm(path.read_bytes())


def parse_ppm(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGB bytes of a binary PPM (P6, 8 bit)."""
    fields: list[bytes] = []
    position = 0
    while len(fields) < 4:
        while data[position : position + 1].isspace():
            position += 1
        if data[position : position + 1] == b"#":
            position = data.index(b"\n", position)
            continue
        end = position
        while not data[end : end + 1].isspace():
            end += 1
        fields.append(data[position:end])
        position = end
    if fields[0] != b"P6" or fields[3] != b"255":
        raise ValueError("no 8-bit PPM")
    return int(fields[1]), int(fields[2]), data[position + 1 :]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))


def _palette(rgb: bytes) -> tuple[bytes, bytes] | None:
    """One byte a pixel, and the colours that they number; None where there are too many."""
    pixels = [rgb[at : at + 3] for at in range(0, len(rgb), 3)]
    colours = sorted(set(pixels))
    if len(colours) > 256:
        return None
    numbers = {colour: number for number, colour in enumerate(colours)}
    return bytes(numbers[pixel] for pixel in pixels), b"".join(colours)


def encode_png(width: int, height: int, rgb: bytes, small: bool = False) -> bytes:
    """small: with a palette where it can be, which takes longer."""
    indexed = _palette(rgb) if small else None
    depth, pixels, colours = (1, *indexed) if indexed else (3, rgb, b"")
    rows = b"".join(b"\0" + pixels[row * width * depth : (row + 1) * width * depth] for row in range(height))
    header = struct.pack("!IIBBBBB", width, height, 8, 3 if indexed else 2, 0, 0, 0)
    return (SIGNATURE + _chunk(b"IHDR", header) + (_chunk(b"PLTE", colours) if indexed else b"")
            + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b""))


def decode_png(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGB bytes of what encode_png() wrote."""
    chunks: dict[bytes, bytes] = {}
    position = len(SIGNATURE)
    while position < len(data):
        length, kind = struct.unpack_from("!I4s", data, position)
        chunks[kind] = chunks.get(kind, b"") + data[position + 8 : position + 8 + length]
        position += length + 12
    width, height, bits, colour_type = struct.unpack_from("!IIBB", chunks[b"IHDR"])
    if not data.startswith(SIGNATURE) or bits != 8 or colour_type not in (2, 3):
        raise ValueError("not a picture of ours")
    stride = 1 + width * (1 if colour_type == 3 else 3)
    rows = zlib.decompress(chunks[b"IDAT"])
    pixels = b"".join(rows[row * stride + 1 : (row + 1) * stride] for row in range(height))
    if colour_type == 2:
        return width, height, pixels
    colours = [chunks[b"PLTE"][at : at + 3] for at in range(0, len(chunks[b"PLTE"]), 3)]
    return width, height, b"".join(colours[pixel] for pixel in pixels)


def write_png(ppm: Path, png: Path) -> None:
    png.write_bytes(encode_png(*read_ppm(ppm)))
