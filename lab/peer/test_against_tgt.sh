#!/bin/sh
# Tries login-probe, the project's own login, against the real tgt, and through login-peer.
# usage: test_against_tgt.sh FOLDER-OF-THE-PROGRAMS. Exit code 77: could not be tried here.
set -eu
programs=$1

skip() {
    echo "SKIPPED, nothing was tested: $1" >&2
    exit 77
}

if [ "${PEER_TEST_INSIDE:-}" != yes ]; then
    command -v tgtd >/dev/null || skip "tgt is not installed"
    [ "$(id -u)" = 0 ] && user= || user=-r
    # shellcheck disable=SC2086 # an option or none
    unshare $user -n -m true 2>/dev/null || skip "no network namespace can be made"
    # shellcheck disable=SC2086
    PEER_TEST_INSIDE=yes exec unshare $user -n -m "$0" "$@"
fi

scratch=$(mktemp -d)
pids=
tidy() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$scratch"
}
trap tidy EXIT
mount -t tmpfs none /run
ip link set lo up

name=iqn.2026-11.example:disk
portal=127.0.0.1:3260
printf 'the first block of the disk' >"$scratch/disk"
truncate -s 4M "$scratch/disk"

tgtd -f >"$scratch/tgtd.log" 2>&1 &
pids="$pids $!"
tries=0
until tgtadm --lld iscsi --op show --mode sys >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || skip "tgtd does not start: $(cat "$scratch/tgtd.log")"
    sleep 0.1
done
make_target() {  # TID NAME
    tgtadm --lld iscsi --op new --mode target --tid "$1" -T "$2"
    tgtadm --lld iscsi --op new --mode logicalunit --tid "$1" --lun 1 -b "$scratch/disk"
    tgtadm --lld iscsi --op bind --mode target --tid "$1" -I ALL
}
make_target 1 $name
make_target 2 $name-chap
make_target 3 $name-digests
for digest in HeaderDigest DataDigest; do
    tgtadm --lld iscsi --op update --mode target --tid 3 --name $digest --value CRC32C
done
tgtadm --lld iscsi --op new --mode account --user pi --password initiator-secret
tgtadm --lld iscsi --op bind --mode account --tid 2 --user pi
tgtadm --lld iscsi --op new --mode account --user target --password target-secret
tgtadm --lld iscsi --op bind --mode account --tid 2 --user target --outgoing

failures=0
# expect WORDS COMMAND…: the command's output holds the words.
expect() {
    words=$1
    shift
    output=$("$@" 2>&1) || true
    case $output in
        *"$words"*) echo "ok: $words" ;;
        *)
            failures=$((failures + 1))
            printf 'NOT OK: "%s" expected from: %s\n%s\n' "$words" "$*" "$output"
            ;;
    esac
}
probe() { "$programs/login-probe" --name $name "$@"; }

# peer OPTION…: starts login-peer, sets $front.
peer() {
    "$programs/login-peer" --listen 127.0.0.1:0 --target $portal "$@" >"$scratch/peer.log" &
    pids="$pids $!"
    front=
    tries=0
    while [ -z "$front" ] && [ $tries -lt 50 ]; do
        sleep 0.05
        front=$(sed -n 's/.*listening on //p' "$scratch/peer.log")
        tries=$((tries + 1))
    done
}

echo "== tgt alone"
expect "first block of the disk" probe --portal $portal
expect "logged out" probe --portal $portal
expect "header_digest=0 data_digest=0" probe --portal $portal --digests
digests() { "$programs/login-probe" --name $name-digests --digests "$@"; }
expect "header_digest=1 data_digest=1" digests --portal $portal
expect "first block of the disk" digests --portal $portal
expect "target $name-chap" "$programs/login-probe" --portal $portal
expect "does not exist (status 0203)" "$programs/login-probe" --portal $portal --name $name-none
expect "asks for CHAP" "$programs/login-probe" --portal $portal --name $name-chap
expect "status 0201" "$programs/login-probe" --portal $portal --name $name-chap --chap pi:wrong
# tgt takes algorithm 7, SHA-256, for SHA-1.
expect "again with MD5 alone" \
    "$programs/login-probe" --portal $portal --name $name-chap --chap pi:initiator-secret
expect "chap=MD5 target_proved=no" \
    "$programs/login-probe" --portal $portal --name $name-chap --chap pi:initiator-secret
expect "chap=MD5 target_proved=yes" "$programs/login-probe" --portal $portal --name $name-chap \
    --chap pi:initiator-secret --mutual target:target-secret
expect "did not know the mutual secret" "$programs/login-probe" --portal $portal \
    --name $name-chap --chap pi:initiator-secret --mutual target:another-secret

echo "== through login-peer"
for algorithm in 5=MD5 6=SHA-1 7=SHA-256 8=SHA3-256; do
    peer --chap pi:one --mutual target:two --algorithms ${algorithm%=*}
    expect "chap=${algorithm#*=} target_proved=no" probe --portal "$front" --chap pi:one
    expect "chap=${algorithm#*=} target_proved=yes" \
        probe --portal "$front" --chap pi:one --mutual target:two
    expect "first block of the disk" probe --portal "$front" --chap pi:one --mutual target:two
done
expect "did not know the mutual secret" \
    probe --portal "$front" --chap pi:one --mutual target:three
expect "under another name" probe --portal "$front" --chap pi:one --mutual other:two
expect "secrets of both directions are the same" \
    probe --portal "$front" --chap pi:one --mutual target:one
expect "status 0201" probe --portal "$front" --chap pi:wrong
expect "status 0201" probe --portal "$front"
for how in status key close; do
    peer --chap pi:one --reject-lists $how
    expect "again with MD5 alone" probe --portal "$front" --chap pi:one
    expect "logged out" probe --portal "$front" --chap pi:one
done
peer --split 1 --continue 7
expect "first block of the disk" probe --portal "$front"
expect "header_digest=1 data_digest=1" digests --portal "$front"
expect "first block of the disk" digests --portal "$front"
expect "target $name" "$programs/login-probe" --portal "$front"
peer --chap pi:one --mutual target:two --split 5 --continue 20
expect "first block of the disk" probe --portal "$front" --chap pi:one --mutual target:two
peer --redirect $portal,1
expect "redirected for now to $portal" probe --portal "$front"
expect "first block of the disk" probe --portal "$front"
peer --redirect $portal --permanent
expect "redirected for good to $portal" probe --portal "$front"
peer --status 3:1
expect "not ready to serve (status 0301)" probe --portal "$front"
peer --drop-after-login 2 --drop-times 1
expect "closed" probe --portal "$front"
expect "logged out" probe --portal "$front"

[ $failures = 0 ] || { echo "$failures expectations failed"; exit 1; }
echo "all as expected"
