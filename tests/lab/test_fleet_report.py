"""What ./bootwire bench fleet makes of its figures."""

from __future__ import annotations

from bench import fleet
from bench.fetchers import Fetched


def run(count: int, dnsmasq: float) -> fleet.Run:
    return fleet.Run([fleet.PiResult(1000, 9000 + number, 6_000_000, 3_360_000) for number in range(count)], dnsmasq,
                     tgt_s=0.24, machine_s=100, wall_s=50)


def crowd(got_all: int, dnsmasq: float, tftp_max: int = 0) -> fleet.Crowd:
    return fleet.Crowd(tftp_max, Fetched(80, got_all, 21_500, 22.0, 6_000_000), dnsmasq)


def test_the_median_and_the_slowest_are_told_and_how_busy_the_machine_was():
    said = fleet.report(fleet.Fleet(run(1, 0.1), run(12, 1.2)), cpus=2)
    assert "12 Pis (virt) at once, one server, 2 CPUs" in said
    assert said.splitlines()[4].split() == ["the", "disk's", "init,", "ms", "9,000", "9,006", "9,011"]
    assert "in 50 s this machine's CPUs were busy to 100 %, the servers' part of that is 1.4 %" in said


def test_a_thousand_are_reckoned_by_the_dearer_dnsmasq_of_a_crowd_that_got_all():
    of = fleet.Fleet(run(1, 0.1), run(12, 1.2), [crowd(51, 400), crowd(80, 16, 500)])
    said = fleet.report(of, cpus=2)
    assert "firmware alone, 80 at once, dnsmasq as it comes (tftp-max=50): 51 got all, the slowest after 21.5 s" in said
    assert "firmware alone, 80 at once, tftp-max=500: 80 got all" in said
    assert "9.4 GB, at least 80 s over one gigabit port" in said
    assert "200 s of one CPU for dnsmasq" in said and "20 s of CPU time for the target" in said
    assert "100 s of one CPU for dnsmasq" in fleet.report(fleet.Fleet(run(1, 0.1), run(12, 1.2)), cpus=2)
