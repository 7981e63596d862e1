"""Many Pis at once, from one server and one TFTP root, each its own disk. ./bootwire bench fleet measures the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import phrases
import pytest

from bench import fleet
from lab.machine import Options
from lab.pi import VirtualPi

PIS = 12


def reaches_its_disk(number: int, pi: VirtualPi) -> bool:
    """All of it in one thread: with the one that started QEMU, QEMU ends."""
    pi.power_on()
    pi.console.expect(phrases.TINY_UP, 1200)
    return (pi.console.seen(phrases.field("target", fleet.TARGET.format(number), phrases.from_option(17)))
            and pi.console.seen(phrases.field("mode", "pivot", phrases.from_option(224))))


@pytest.mark.long
@pytest.mark.limit(1500)
def test_twelve_pis_that_are_switched_on_at_once_reach_each_the_disk_that_dhcp_names_for_it(rack, disk):
    image = disk("tiny")
    for number in range(PIS):
        rack.target(image, fleet.TARGET.format(number))
    pis = [rack.pi(options=Options(cpus=1, memory=512)) for _ in range(PIS)]
    rack.serve(root_path=None, extra=fleet.own_disks(pis))
    with ThreadPoolExecutor(PIS) as pool:
        assert all(pool.map(reaches_its_disk, range(PIS), pis))
