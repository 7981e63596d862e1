"""Each server configuration in README.md and docs/ is what its server accepts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEARCH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def snippets(language: str) -> list:
    """The fenced blocks of one language, as parameters named after page and line."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in re.finditer(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, match.start()) + 1
            body = re.sub(rf"^{match[1]}", "", match[2], flags=re.MULTILINE)
            found.append(pytest.param(body, id=f"{page.name}:{line}"))
    assert found, f"no snippet for {language}"
    return found


def program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path=SEARCH)
    if not path:
        pytest.fail(f"no {name} on this machine: ./bootwire setup installs it")
    return path


def accepts(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", snippets("dnsmasq"))
def test_dnsmasq_accepts_its_configuration(text, tmp_path):
    file = tmp_path / "dnsmasq.conf"
    file.write_text(text)
    accepts(program("dnsmasq"), "--test", f"--conf-file={file}")


@pytest.mark.parametrize("text", snippets("dhcpd"))
def test_isc_dhcpd_accepts_its_configuration(text, tmp_path):
    file = tmp_path / "dhcpd.conf"
    file.write_text(text)
    (tmp_path / "leases").touch()
    accepts(program("dhcpd"), "-t", "-cf", file, "-lf", tmp_path / "leases")


@pytest.mark.parametrize("text", snippets("kea"))
def test_kea_accepts_its_configuration(text, tmp_path):
    json.loads(text)
    file = tmp_path / "kea-dhcp4.conf"
    file.write_text(text)
    accepts(program("kea-dhcp4"), "-t", file)


@pytest.mark.parametrize("text", snippets("tgt"))
def test_a_target_of_tgt_names_itself_and_its_disk(text):
    target = re.fullmatch(r"<target (iqn\.\S+)>\n((?:    \S+ .+\n)+)</target>\n", text)
    assert target, text
    words = {line.split()[0]: line.split()[1:] for line in target[2].splitlines()}
    assert words.pop("backing-store")[0].startswith("/")
    for name, values in words.items():
        assert name in ("incominguser", "outgoinguser") and len(values) == 2


def test_every_root_path_shown_has_the_form_of_rfc_4173():
    paths = [path for page in PAGES for path in re.findall(r"iscsi:192[^\s\"`,]+", page.read_text())]
    assert len(paths) >= 4
    for path in paths:
        assert re.fullmatch(r"iscsi:[\d.]+:6?:\d*:[\da-fA-F]*:iqn\.\S+", path), path
