"""A thousand Pis whose target was away: none is forgotten, and they do not drown it when it is back."""

from __future__ import annotations

import time

import pytest

from lab.crowd import Crowd
from lab.login_peer import LoginPeer
from lab.tgt import Disk, Target, Tgt

MEMBERS = 1000
NAME = "iqn.2026-11.test.lab:crowd"
# Seconds between two attempts of one initiator at least (src/shim/keeper/ways.cpp): while nothing answers,
# and after five refusals in a row, of which each doubles it.
LEAST_PAUSE = 0.6
PAUSE_AFTER_FIVE = 9.6


@pytest.fixture
def target(rack):
    image = rack.directory / "crowd.img"
    image.write_bytes(bytes(1 << 20))
    rack.copies.append(image)
    rack.tgt.add(Target(NAME, [Disk(image)]))
    return rack.tgt.start()


@pytest.fixture
def crowd(rack, target):
    crowd = Crowd(rack.directory, MEMBERS, NAME)
    yield crowd
    crowd.stop()


def window(crowd: Crowd, seconds: float) -> dict[str, int]:
    """What is done in so long."""
    before = crowd.counts()
    time.sleep(seconds)
    after = crowd.counts()
    return {name: after[name] - before[name] for name in ("ms", "attempts", "logins", "returns")}


def test_a_thousand_come_back_when_the_target_does(crowd, target: Tgt):
    crowd.await_all()
    assert len(set(target.sessions())) == MEMBERS
    target.kill()
    crowd.await_that(lambda counts: counts["connected"] == 0, "a crowd without sessions")
    away = window(crowd, 8)
    assert away["attempts"] > MEMBERS, "they go on looking for it"
    assert away["attempts"] <= MEMBERS * (away["ms"] / 1000 / LEAST_PAUSE + 1)
    before = crowd.counts()
    target.start()
    after = crowd.await_all()
    assert len(set(target.sessions())) == MEMBERS
    assert after["returns"] - before["returns"] == MEMBERS
    assert after["logins"] - before["logins"] < 1.5 * MEMBERS, "most need one login, not several"


def test_a_thousand_leave_a_target_alone_that_refuses(crowd, target: Tgt, rack):
    crowd.await_all()
    target.kill()
    front = LoginPeer(rack.directory, "--status", "3:1", port=target.port)  # service unavailable
    try:
        before = crowd.counts()["logins"]
        crowd.await_that(lambda counts: counts["logins"] >= before + 5 * MEMBERS, "five refusals for each of them", 120)
        later = window(crowd, 12)
        assert 0 < later["logins"] <= MEMBERS * (later["ms"] / 1000 / PAUSE_AFTER_FIVE + 1)
    finally:
        front.stop()
    target.start()
    crowd.await_all()
