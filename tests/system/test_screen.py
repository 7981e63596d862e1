"""The splash on a screen: what QEMU's virtio-gpu shows. Its pictures stay in out/lab/, to look at."""

from __future__ import annotations

from collections import Counter

import phrases
import pytest

from lab.dnsmasq import root_path
from lab.machine import Options
from lab.picture import read_ppm
from lab.screen import screen
from lab.waiting import wait_until

BACKGROUND, WAIT, FAILURE, DONE = (bytes.fromhex(colour) for colour in ("0e1318", "e3b04b", "f0645a", "63c07c"))


def with_screen(width: int, height: int) -> Options:
    return Options(extra=screen(width, height))


def colours(pi, name: str) -> Counter[bytes]:
    """How many pixels have which colour."""
    pi.machine.screenshot(pi.directory / f"{name}.png")
    _, _, rgb = read_ppm(pi.directory / "screen.ppm")
    return Counter(rgb[at : at + 3] for at in range(0, len(rgb), 3))


def is_splash(seen: Counter[bytes]) -> bool:
    return seen[BACKGROUND] > sum(seen.values()) / 3


def await_screen(pi, name: str, condition, timeout: float = 90) -> Counter[bytes]:
    what = f"{name} (see {pi.directory / name}.png)"
    return wait_until(lambda: colours(pi, name), what, timeout, 0.5, fits=condition)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1920, 1080)])
def test_it_shows_what_is_waited_for_and_gives_the_screen_back(rack, disk, width, height):
    rack.target(disk("tiny"))
    pi = rack.pi(options=with_screen(width, height))
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    seen = await_screen(pi, "waiting", lambda seen: is_splash(seen) and seen[WAIT])
    assert sum(seen.values()) == width * height
    assert not seen[FAILURE]
    rack.serve()
    pi.console.expect(phrases.TINY_UP, 120)
    await_screen(pi, "after", lambda seen: not is_splash(seen), 20)


def test_a_failure_is_named_until_the_boot_gets_further(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path("iqn.2026-11.test.lab:not-there"))
    pi = rack.boot(options=with_screen(1280, 720))
    pi.console.expect(phrases.FAILED, 90)
    seen = await_screen(pi, "failure", lambda seen: is_splash(seen) and seen[FAILURE])
    assert seen[DONE], "the network's check mark"


def test_who_types_at_the_pi_gets_text_and_the_rescue_console(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path("iqn.2026-11.test.lab:not-there"))
    keyboard = ["-device", "qemu-xhci", "-device", "usb-kbd"]
    pi = rack.boot("console=tty1", options=Options(extra=[*screen(1280, 720), *keyboard]))
    pi.console.expect(phrases.FAILED, 90)
    await_screen(pi, "failure", lambda seen: is_splash(seen) and seen[FAILURE])
    pi.machine.type("status\n")
    await_screen(pi, "text", lambda seen: not is_splash(seen), 30)
    pi.machine.type("poweroff\n")
    pi.machine.wait(60)


def test_it_can_be_switched_off(rack, disk):
    rack.target(disk("tiny"))
    pi = rack.pi("bootwire.splash=0", options=with_screen(640, 480))
    pi.insert_card(rack.root)
    pi.start()
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    pi.console.expect(phrases.NO_DHCP_ANSWER, 90)
    assert not is_splash(colours(pi, "off"))
