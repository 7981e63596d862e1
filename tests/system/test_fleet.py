"""Many Pis at once, from one server and one TFTP root, each its own disk. ./bootwire bench fleet measures the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import phrases
import pytest

from bench import fleet
from lab.machine import Options
from lab.pi import VirtualPi

PIS = 12


@pytest.mark.long
@pytest.mark.limit(1500)
def test_twelve_pis_that_are_switched_on_at_once_reach_each_the_disk_that_dhcp_names_for_it(rack, disk):
    image = disk("tiny")
    for number in range(PIS):
        rack.target(image, fleet.TARGET.format(number))
    pis = [rack.pi(options=Options(cpus=1, memory=512)) for _ in range(PIS)]
    rack.serve(root_path=None, extra=fleet.own_disks(pis))
    with ThreadPoolExecutor(PIS) as pool:
        list(pool.map(VirtualPi.power_on, pis))
    for number, pi in enumerate(pis):
        pi.console.expect(phrases.TINY_UP, 1200)
        assert pi.console.seen(phrases.field("target", fleet.TARGET.format(number), phrases.from_option(17)))
        assert pi.console.seen(phrases.field("mode", "pivot", phrases.from_option(224)))
