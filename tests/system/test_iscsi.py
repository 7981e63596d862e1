"""Logging in: what goes wrong is said, and once the cause is gone the Pi boots."""

from __future__ import annotations

import phrases
import pytest
from extent import with_all

from lab.dnsmasq import root_path
from lab.servers import TARGET
from lab.tgt import Chap, Disk, Target

UP = phrases.TINY_UP
CHAP = Chap("pi", "a-secret-of-16-bytes")
MUTUAL = Chap("pi", "a-secret-of-16-bytes", "nas", "another-secret-16b")
LOGIN = ("iscsi.username=pi", "iscsi.password=a-secret-of-16-bytes")
PROOF = ("iscsi.mutual.username=nas", "iscsi.mutual.password=another-secret-16b")


def test_a_wrong_target_name_is_named_and_the_right_one_boots(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path("iqn.2026-11.test.lab:misspelt"))
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.NO_SUCH_TARGET})", 90)
    pi.console.expect(phrases.more_about("No such target"), 30)
    assert pi.console.seen("misspelt")
    rack.target(disk("tiny"), name="iqn.2026-11.test.lab:misspelt")
    pi.console.expect(UP, 120)


def test_a_wrong_chap_secret_is_said_to_be_that(rack, disk):
    rack.target(disk("tiny"), chap=CHAP)
    rack.serve()
    pi = rack.boot("iscsi.username=pi", "iscsi.password=a-wrong-secret-16")
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*{phrases.NOT_AUTHENTICATED}", 90)
    pi.console.expect(phrases.more_about("User name or secret is refused"), 30)
    assert not pi.console.seen("a-wrong-secret-16")
    assert pi.machine.running() and not rack.tgt.sessions()


def test_a_target_that_wants_chap_from_a_pi_without_login_says_so(rack, disk):
    rack.target(disk("tiny"), chap=CHAP)
    rack.serve()
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*{phrases.CHAP_WANTED}", 90)


def test_chap_one_way(rack, disk):
    rack.target(disk("tiny"), chap=CHAP)
    rack.serve()
    rack.boot(*LOGIN).console.expect(UP, 120)


def test_chap_both_ways(rack, disk):
    rack.target(disk("tiny"), chap=MUTUAL)
    rack.serve()
    rack.boot(*LOGIN, *PROOF).console.expect(UP, 120)


def test_a_target_that_proves_itself_with_the_wrong_secret_is_not_used(rack, disk):
    rack.target(disk("tiny"), chap=MUTUAL)
    rack.serve()
    pi = rack.boot(*LOGIN, "iscsi.mutual.username=nas", "iscsi.mutual.password=some-other-secret")
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*{phrases.PROOF_WRONG}", 90)
    assert not pi.console.seen(UP)


def test_chap_in_the_root_path(rack, disk):
    rack.target(disk("tiny"), chap=MUTUAL)
    credentials = "pi:a-secret-of-16-bytes:nas:another-secret-16b@"
    rack.serve(root_path=root_path(TARGET).replace("iscsi:", f"iscsi:{credentials}"))
    rack.boot().console.expect(UP, 120)


def test_a_target_that_comes_up_late_is_waited_for(rack, disk):
    rack.serve()
    pi = rack.boot()
    pi.expect_stage(phrases.NOTHING_LISTENS)
    pi.expect_stage(phrases.more_about("No target runs on the server"))
    pi.expect_stage(phrases.NOTHING_LISTENS)
    rack.target(disk("tiny"))
    pi.console.expect(UP, 120)


@pytest.mark.long
def test_a_target_that_comes_up_a_minute_late_is_waited_for(rack, disk):
    import time

    rack.serve()
    pi = rack.boot()
    pi.expect_stage(phrases.NOTHING_LISTENS)
    time.sleep(60)
    rack.target(disk("tiny"))
    pi.console.expect(UP, 120)


@pytest.mark.long  # test_login_peer.py is all on another port
def test_a_target_on_another_port(rack, disk):
    rack.tgt.port = 3261
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, port="3261"))
    rack.boot().console.expect(UP, 120)


@pytest.mark.parametrize("kind", ["Temporary", "Permanent"])
def test_redirection_is_followed(rack, disk, kind):
    from lab.tgt import Tgt

    there = rack.host("target2", "10.77.0.20")
    second = Tgt(rack.directory / "second", "10.77.0.20", host=there)
    second.add(Target(TARGET, [Disk(rack.copy(disk("tiny")))]))
    second.start()
    rack.target(disk("tiny")).redirect = ("10.77.0.20", 3260, kind)
    rack.tgt.stop()
    rack.tgt.start()
    rack.serve()
    pi = rack.boot()
    pi.console.expect(UP, 120)
    assert pi.console.seen(r"10\.77\.0\.20")
    assert second.sessions() and not rack.tgt.sessions()
    second.stop()


def test_without_a_target_name_the_only_target_is_used(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(""))
    pi = rack.boot()
    pi.console.expect(UP, 120)
    assert pi.console.seen(TARGET)


def test_without_a_target_name_several_targets_are_listed(rack, disk):
    rack.target(disk("tiny"))
    rack.target(disk("tiny"), name=TARGET + "-two")
    rack.serve(root_path=root_path(""))
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*{TARGET}[^\n]*{TARGET}", 90)
    assert not pi.console.seen(UP)


@pytest.mark.parametrize("lun", ["", "5", *with_all("0")])
def test_another_lun_than_the_only_disks_is_substituted_and_said(rack, disk, lun):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, lun=lun))
    pi = rack.boot()
    pi.console.expect(UP, 120)
    assert pi.console.seen(phrases.LUN_SUBSTITUTED)


def test_strict_forbids_the_substitution(rack, disk):
    rack.target(disk("tiny"))
    rack.serve(root_path=root_path(TARGET, lun="5"))
    pi = rack.boot("iscsi.strict=1")
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*(?:{phrases.NOT_A_DISK})", 90)
    pi.console.expect(phrases.more_about("No disk on the LUN"), 30)
    assert not pi.console.seen(UP)


def test_with_several_disks_none_is_guessed(rack, disk):
    target = Target(TARGET, [Disk(rack.copy(disk("tiny")), 1), Disk(rack.copy(disk("tiny-gpt")), 2)])
    rack.tgt.add(target)
    rack.tgt.start()
    rack.serve(root_path=root_path(TARGET, lun="0"))
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*LUN 1[^\n]*LUN 2", 90)
    assert not pi.console.seen(UP)


def test_exactly_the_asked_lun_is_used(rack, disk):
    target = Target(TARGET, [Disk(rack.copy(disk("tiny")), 1), Disk(rack.copy(disk("tiny-gpt")), 18)])
    rack.tgt.add(target)
    rack.tgt.start()
    rack.serve(root_path=root_path(TARGET, lun="12"))  # hexadecimal, says RFC 4173
    pi = rack.boot()
    pi.console.expect(UP, 120)
    assert pi.console.seen("tiny: disk tiny-gpt ")


def test_an_image_for_other_blocks_than_the_luns_is_said_to_be_that(rack, disk):
    rack.tgt.add(Target(TARGET, [Disk(rack.copy(disk("tiny")), block_size=4096)]))
    rack.tgt.start()
    rack.serve()
    pi = rack.boot()
    pi.console.expect(rf"{phrases.FAILED}[^\n]*blocks of 4096 bytes[^\n]*made for blocks of 512", 90)
    pi.console.expect(phrases.more_about("The disk has blocks of another size"), 30)


def test_an_initiator_that_is_not_allowed_is_told_its_own_name(rack, disk):
    rack.target(disk("tiny")).initiators = ()
    rack.tgt.targets[0].initiator_names = ("iqn.2026-11.test.lab:somebody-else",)
    rack.tgt.stop()
    rack.tgt.start()
    rack.serve(initiator="iqn.2026-11.test.lab:this-pi")
    pi = rack.boot()
    pi.console.expect(rf"(?:{phrases.FAILED}|{phrases.WARNING})[^\n]*", 90)
    pi.console.expect("this-pi", 30)


def test_the_default_initiator_name_carries_the_boards_serial(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot()
    pi.console.expect(UP, 120)
    assert rack.tgt.sessions() == [f"iqn.2026-11.local.bootwire:{pi.serial}"]


BOTH, ONE = [("None", "None"), ("CRC32C", "CRC32C")], [("None", "CRC32C"), ("CRC32C", "None")]


@pytest.mark.parametrize("header, data", [*BOTH, *with_all(*ONE)])
def test_digests(rack, disk, header, data):
    rack.target(disk("tiny"))
    for digest, value in (("HeaderDigest", header), ("DataDigest", data)):
        rack.tgt.admin("--op", "update", "--mode", "target", "--tid", "1", "-n", digest, "-v", value)
    rack.serve()
    pi = rack.boot(f"iscsi.header_digest={header}", f"iscsi.data_digest={data}")
    pi.console.expect(UP, 120)
    pi.login()
    asked = pi.check("cat /sys/class/iscsi_connection/*/header_digest /sys/class/iscsi_connection/*/data_digest")
    assert asked.split() == ["01"["CRC32C" == header], "01"["CRC32C" == data]]
