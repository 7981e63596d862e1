"""A TFTP server's folder, renewed while Pis read from it.

Each file is written beside its place, synced, and renamed into it: who is reading the old one reads it
to its end, who asks next gets the new one, and nobody gets half. A folder that is exchanged as a whole
(by a symbolic link) would not do more: a Pi that is in the middle asks for its next file by the same
name and gets the new one either way. It would do less, because servers that change their root to the
folder when they start (tftpd-hpa --secure) stay with the old one, and shares of a NAS have no links.
What belongs together is renamed in an order in which a Pi finds what it is sent to: kernel, trees and
overlays before config.txt, which names them. The folder of one Pi appears as a whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.card import settings
from tools.card.errors import CardError
from tools.card.image import Files, read

# By serial number or MAC address, as the firmware asks.
PI_FOLDER = re.compile(r"[0-9a-f]{8}|([0-9a-f]{2}-){5}[0-9a-f]{2}")
STATE = ".bootwire"  # what was put there: names and SHA-256
OWN = "cmdline.txt"  # of each folder, and the operator's: only settings are changed in it
EDITED = ("config.txt",)  # by people as well: a copy in each folder, kept once it was changed


_summed: dict[tuple[int, int, int, int], str] = {}


def _sum(path: Path) -> str:
    """Of a file that many Pis' folders share, once."""
    told = path.stat()
    key = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
    if key not in _summed:
        _summed[key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return _summed[key]


def _order(name: str) -> tuple[bool, bool, str]:
    """Firmware after what it loads, a start file after its fixup."""
    return name in EDITED, name.endswith((".elf", ".bin")), name


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _put(path: Path, content: bytes, mode: int = 0o644, group: int | None = None) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            if group is not None:
                with contextlib.suppress(PermissionError):
                    os.fchown(fd, -1, group)
            os.fchmod(fd, mode)
            file.flush()
            os.fsync(fd)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _share(source: Path, path: Path) -> None:
    """The same file under another name where it can be: a hundred Pis' folders cost nothing."""
    if path.exists() and path.samefile(source):
        return
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        os.link(source, new)
    except OSError:
        _put(path, source.read_bytes())
        return
    os.replace(new, path)


def _folder(path: Path) -> None:
    """With all above it, and readable to the server whatever the umask is."""
    if not path.is_dir():
        _folder(path.parent)
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


@dataclass
class State:
    files: dict[str, list[str]] = field(default_factory=dict)  # name → sums it may have
    pis: list[str] = field(default_factory=list)

    @staticmethod
    def read(root: Path) -> State:
        try:
            told = json.loads((root / STATE).read_text())
            return State(dict(told["files"]), [pi for pi in told["pis"] if (root / pi).is_dir()])
        except FileNotFoundError:
            return State()
        except (ValueError, KeyError, TypeError):
            raise CardError(f"{root / STATE} is damaged: remove it, and use --replace") from None

    def write(self, root: Path) -> None:
        _put(root / STATE, json.dumps({"files": self.files, "pis": self.pis}, indent=1, sort_keys=True).encode())


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    fd = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CardError(f"{root} is being renewed by another ./bootwire tftp") from None
    finally:
        os.close(fd)


class Tree:
    """One run. said: settings of root's cmdline.txt; pis: folder → its settings."""

    def __init__(self, root: Path, files: Files, said: settings.Settings, pis: dict[str, settings.Settings]) -> None:
        self.root = root
        self.base = read(files[OWN]).decode()
        self.shared = {name: read(content) for name, content in files.items() if name != OWN}
        self.sums = {name: hashlib.sha256(content).hexdigest() for name, content in self.shared.items()}
        self.said = said
        self.pis = pis
        self.state = State.read(root)
        self.first = not self.state.files
        self.before = self.state.files
        self.kept: list[str] = []  # that a person has changed

    def names(self, folders: list[str]) -> dict[str, str]:
        """All that is to be there, with its sum; not the cmdline.txts."""
        return {f"{folder}{name}": told for folder in folders for name, told in self.sums.items()}

    def _changed(self, name: str, new: str) -> bool:
        path = self.root / name
        if path.is_symlink() or path.is_dir():
            return True
        return path.exists() and (told := _sum(path)) != new and told not in self.before.get(name, [])

    def look_for_foreign(self, replace: bool) -> None:
        """Before anything is changed: what is somebody else's, or was changed since, is not overwritten."""
        changed = [name for name, new in self.names(["", *self._folders()]).items() if self._changed(name, new)]
        if self.first and (self.root / OWN).exists():
            changed.append(OWN)
        changed += [pi for pi in self.pis if pi not in self.state.pis and (self.root / pi).exists()]
        if replace:
            if self.first:
                (self.root / OWN).unlink(missing_ok=True)
            return
        self.kept = [name for name in changed if Path(name).name in EDITED and name in self.before]
        foreign = [name for name in changed if name not in self.kept]
        if foreign:
            more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
            raise CardError(f"in {self.root} are files that are not from here, or were changed since: "
                            f"{', '.join(foreign[:3])}{more}; nothing was changed; --replace overwrites them")

    def _folders(self) -> list[str]:
        return [f"{pi}/" for pi in self.state.pis]

    def clear(self) -> None:
        """What a run that was cut off has left beside the places of its files."""
        ours = {f".{Path(name).name}.new" for name in [*self.shared, OWN, STATE]}
        for folder in sorted({(self.root / name).parent for name in ["x", *self.before]}):
            for left in folder.glob(".*.new"):
                if left.name in ours:
                    left.unlink()
        for left in self.root.glob(".*.new"):
            if left.is_dir() and PI_FOLDER.fullmatch(left.name[1:-4]):
                shutil.rmtree(left)

    def announce(self) -> None:
        """What will be there, beside what is: a run that is cut off leaves nothing that the next one takes
        for somebody else's."""
        known = sorted({*self.state.pis, *self.pis})
        new = self.names(["", *(f"{pi}/" for pi in known)])
        both = {name: [*self.before.get(name, []), told] for name, told in new.items()}
        State({**self.before, **both}, known).write(self.root)

    def renew(self) -> None:
        """Root and the folders that are there."""
        for name in sorted(self.shared, key=_order):
            for folder in ["", *self._folders()]:
                path = self.root / folder / name
                _folder(path.parent)
                if f"{folder}{name}" in self.kept or (path.is_file() and _sum(path) == self.sums[name]):
                    continue
                self._place(name, path)
        for folder in ["", *self._folders()]:
            self._cmdline(self.root / folder, self.said if not folder else self.pis.get(folder[:-1], []))

    def _place(self, name: str, path: Path) -> None:
        shared = self.root / name
        if path == shared or name in EDITED or _sum(shared) != self.sums[name]:
            _put(path, self.shared[name])
        else:
            _share(shared, path)

    def _cmdline(self, folder: Path, said: settings.Settings) -> None:
        """The root's is where a Pi's own begins."""
        path = folder / OWN
        begin = next((file for file in (path, self.root / OWN) if file.exists()), None)
        new = settings.into_cmdline(begin.read_text() if begin else self.base, said)
        if path.exists() and path.read_text() == new:
            return
        words = [word.partition("=")[0] for word in settings.split_words(new)]
        secret = any(settings.is_secret(word) for word in words)
        # A secret is for the server's group, which is that of the root; see docs/servers.md.
        _put(path, new.encode(), 0o640 if secret else 0o644, self.root.stat().st_gid)

    def add_pis(self) -> None:
        """Each beside its place first: a Pi that finds one file in its folder takes all of them from there."""
        for pi, said in self.pis.items():
            if pi in self.state.pis:
                continue
            new, place = self.root / f".{pi}.new", self.root / pi
            for old in (new, place):
                shutil.rmtree(old, ignore_errors=True)
            for name in self.shared:
                _folder((new / name).parent)
                self._place(name, new / name)
            self._cmdline(new, said)
            _sync_folder(new)
            os.rename(new, place)
            self.state.pis.append(pi)
        self.state.pis.sort()

    def finish(self) -> None:
        """What an earlier version had and this one has not goes, unless somebody changed it."""
        wanted = self.names(["", *self._folders()])
        for name, told in self.before.items():
            path = self.root / name
            if name not in wanted and path.is_file() and _sum(path) in told:
                path.unlink()
                with contextlib.suppress(OSError):
                    path.parent.rmdir()
        self.state.files = {name: self.before[name] if name in self.kept else [told] for name, told in wanted.items()}
        self.state.write(self.root)
        for folder in sorted({(self.root / name).parent for name in wanted}):
            _sync_folder(folder)


def update(root: Path, files: Files, said: settings.Settings, pis: dict[str, settings.Settings],
           replace: bool = False) -> Tree:
    """Brings root to these files."""
    _folder(root)
    with _locked(root):
        tree = Tree(root, files, said, pis)
        tree.look_for_foreign(replace)
        tree.clear()
        tree.announce()
        tree.renew()
        tree.add_pis()
        tree.finish()
    return tree
