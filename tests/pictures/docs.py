"""The pictures in docs/pictures are what the splash draws: docs.py SPLASH_PICTURE FOLDER.

With BOOTWIRE_RENEW=1 in the environment they are written anew. Run by ctest as `pictures`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab.picture import decode_png, encode_png, parse_ppm  # noqa: E402

SIZE = (800, 480)
PICTURES = {"splash.png": "starting", "splash-failure.png": "failed", "splash-eeprom.png": "updating"}
LARGEST = 30_000  # bytes: a page with all of them comes at once


def drawn(program: str, view: str) -> tuple[int, int, bytes]:
    words = [program, view, *(str(length) for length in SIZE)]
    return parse_ppm(subprocess.run(words, check=True, capture_output=True).stdout)


def what_is_wrong(file: Path, picture: tuple[int, int, bytes]) -> str:
    if not file.is_file():
        return "is missing"
    if file.stat().st_size > LARGEST:
        return f"has {file.stat().st_size} bytes, more than {LARGEST}"
    return "" if decode_png(file.read_bytes()) == picture else "is not what the splash draws"


def main(program: str, folder: Path) -> int:
    wrong = 0
    for name, view in PICTURES.items():
        picture = drawn(program, view)
        if os.environ.get("BOOTWIRE_RENEW"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(encode_png(*picture, small=True))
        if reason := what_is_wrong(folder / name, picture):
            print(f"{folder / name} {reason}: ctest -R pictures with BOOTWIRE_RENEW=1 in the environment writes it")
            wrong += 1
    for file in sorted(folder.glob("*.png")):
        if file.name not in PICTURES:
            print(f"{file} is none of {', '.join(PICTURES)}: how is it renewed?")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
