"""Logins that no packaged target does: a scripted front takes the Pi's login, a real target its disk."""

from __future__ import annotations

import phrases
import pytest
from extent import with_all

from lab.dnsmasq import root_path
from lab.servers import TARGET

UP = phrases.TINY_UP
ALGORITHMS = {"5": "MD5", "6": "SHA-1", "7": "SHA-256", "8": "SHA3-256"}
LOGIN = ("iscsi.username=pi", "iscsi.password=one-secret-12345")
PROOF = ("iscsi.mutual.username=nas", "iscsi.mutual.password=two-secret-12345")
CHAP = ("--chap", "pi:one-secret-12345", "--mutual", "nas:two-secret-12345")
TROUBLE = rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*"


@pytest.fixture
def fronted(rack, disk):
    """A target behind a front; fronted(options, words) boots a Pi through it."""
    rack.target(disk("tiny"))

    def boot(options, *words, target=TARGET):
        rack.serve(root_path=root_path(target, port="3270"))
        peer = rack.front(*options)
        return rack.boot(*words), peer

    return boot


ONE_WAY = pytest.param(LOGIN, id="one way", marks=pytest.mark.long)


@pytest.mark.parametrize("number", ALGORITHMS)
@pytest.mark.parametrize("words", [ONE_WAY, pytest.param(LOGIN + PROOF, id="both ways")])
def test_chap_in_each_algorithm(fronted, number, words):
    pi, peer = fronted([*CHAP, "--algorithms", number], *words)
    pi.console.expect(UP, 120)
    assert "logged in" in peer.log()
    assert pi.console.seen(rf"CHAP[^\n]*{ALGORITHMS[number]}")


def test_a_target_that_proves_itself_wrongly_is_refused(fronted):
    pi, peer = fronted(CHAP, *LOGIN, "iscsi.mutual.username=nas", "iscsi.mutual.password=three-secret-123")
    pi.console.expect(TROUBLE + phrases.PROOF_WRONG, 90)
    assert not pi.console.seen(UP)


def test_the_same_secret_both_ways_is_refused(fronted):
    pi, _ = fronted(CHAP, *LOGIN, "iscsi.mutual.username=nas", "iscsi.mutual.password=one-secret-12345")
    pi.console.expect(TROUBLE + phrases.SECRETS_EQUAL, 90)
    assert not pi.console.seen(UP)


@pytest.mark.parametrize("how", ["status", *with_all("key", "close")])
def test_an_old_target_that_rejects_lists_gets_md5_alone(fronted, how):
    pi, _ = fronted([*CHAP, "--reject-lists", how], *LOGIN)
    pi.console.expect(UP, 120)


def test_responses_in_pieces_and_over_several_pdus(fronted):
    pi, _ = fronted([*CHAP, "--split", "5", "--continue", "20"], *LOGIN, *PROOF)
    pi.console.expect(UP, 120)


def test_without_a_target_name_the_portal_that_answered_is_used(fronted):
    """As behind a NAT: the target lists only its own address, which is not the one that was asked."""
    pi, _ = fronted([], target="")
    pi.console.expect(r"logged in at 10\.77\.0\.1:3270", 90)
    pi.console.expect(UP, 120)


# tgt's own redirections are followed in test_iscsi.py.
@pytest.mark.long
@pytest.mark.parametrize("kind", [[], ["--permanent"]], ids=["temporary", "permanent"])
def test_redirections_to_the_real_target(fronted, kind):
    pi, _ = fronted(["--redirect", "10.77.0.1:3260,1", *kind])
    pi.console.expect("redirect", 90)
    pi.console.expect(UP, 120)


STATUSES = {
    "0201": phrases.CHAP_WANTED,
    "0202": r"allow|authori[sz]|access",
    "0203": phrases.NO_SUCH_TARGET,
    "0204": r"removed|moved|gone",
    "0206": r"connections",
    "0301": r"not ready|unavailable|busy",
    "0302": r"resources|not ready|unavailable",
    "0300": r"error",
}


# The words for each have unit tests.
@pytest.mark.parametrize("status", ["0202", "0204", "0302", *with_all("0201", "0203", "0206", "0301", "0300")])
def test_a_refusal_is_said_in_words_and_the_pi_tries_again(rack, disk, fronted, status):
    pi, peer = fronted(["--status", f"{status[:2]}:{status[2:]}"])
    pi.console.expect(TROUBLE + f"(?:{STATUSES[status]})", 90)
    peer.stop()
    rack.front()
    pi.console.expect(UP, 120)


def test_a_connection_that_breaks_after_login_is_made_again(fronted):
    pi, _ = fronted(["--drop-after-login", "2", "--drop-times", "1"])
    pi.console.expect(UP, 180)
