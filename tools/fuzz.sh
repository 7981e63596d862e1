#!/bin/sh
# The fuzz targets of tests/fuzz, with clang's libFuzzer, from the kept corpus.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire fuzz [--minutes N | --seconds N] [TARGET…]   default: 10 minutes each, all
       ./bootwire fuzz --list                                  the targets
       ./bootwire fuzz --keep [TARGET…]     take what new inputs reached into tests/fuzz/corpus

As many targets run at once as there are cores. New inputs are collected in the cache. An input
that crashes a target is kept in out/fuzz/, with the command that runs it again.
USAGE
}

seconds=600 keep=''
while [ $# -gt 0 ]; do
    case $1 in
    --minutes | --seconds)
        case ${2:-} in '' | *[!0-9]*) die "$1 needs a whole number" ;; esac
        seconds=$2
        [ "$1" = --seconds ] || seconds=$((60 * $2))
        shift
        ;;
    --keep) keep=yes ;;
    --list)
        for file in "$root"/tests/fuzz/*.cpp; do
            name=$(basename "$file" .cpp)
            [ "$name" = replay ] || printf '%s\n' "$name"
        done
        exit 0
        ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) break ;;
    esac
    shift
done
known=$("$0" --list)
[ -n "$known" ] || die "there are no fuzz targets in tests/fuzz"
for target; do
    printf '%s\n' "$known" | grep -qxF -- "$target" || die "no fuzz target '$target'; there are: $(printf '%s' "$known" | tr '\n' ' ')"
done
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $known

need build test fuzz
need_room 500 "fuzzing"
compile_sanitized
folder=$(build_folder sanitize)

program() { find "$folder" -type f -name "fuzz_$1" -perm -u+x | head -n 1; }

if [ -n "$keep" ]; then
    for target; do
        corpus=$root/tests/fuzz/corpus/$target
        mkdir -p "$corpus" "$cache/fuzz/$target"
        "$(program "$target")" -merge=1 "$corpus" "$cache/fuzz/$target" >"$cache/fuzz/$target.log" 2>&1 ||
            die "$target: merging failed; the log: $cache/fuzz/$target.log"
        say "$target: $(find "$corpus" -type f | wc -l) inputs in tests/fuzz/corpus/$target"
    done
    exit 0
fi

say "$# targets, $(duration "$seconds") each, $(cores) at once: about $(duration $((seconds * (($# + $(cores) - 1) / $(cores)))))"
rm -rf "$cache/fuzz/failed"
mkdir -p "$cache/fuzz/failed" || die "cannot write to $cache"

fuzz_one() { # TARGET
    crashes=$out/fuzz/$1
    mkdir -p "$cache/fuzz/$1" "$crashes" "$root/tests/fuzz/corpus/$1"
    log=$cache/fuzz/$1.log
    if nice "$(program "$1")" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$crashes/" "$cache/fuzz/$1" "$root/tests/fuzz/corpus/$1" >"$log" 2>&1 </dev/null; then
        rmdir "$crashes" "$out/fuzz" 2>/dev/null || true
        say "$1: $(awk '/number_of_executed_units/ { print $2 }' "$log") runs, nothing found"
    else
        : >"$cache/fuzz/failed/$1"
        say "$1: FAILED: $(grep -m 1 -E 'ERROR|SUMMARY|runtime error' "$log" || tail -n 1 "$log")"
        say "$1: again: $(program "$1") $(find "$crashes" -type f -newer "$folder/build.log" | tail -n 1) (log: $log)"
    fi
}

running=
stop() {
    # shellcheck disable=SC2086
    [ -z "$running" ] || kill $running 2>/dev/null || true
}
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM HUP

# As many workers as cores, each takes every n-th target.
workers=$(cores)
worker=0
while [ "$worker" -lt "$workers" ]; do
    (
        number=0
        for target; do
            if [ $((number % workers)) -eq "$worker" ]; then fuzz_one "$target"; fi
            number=$((number + 1))
        done
    ) &
    running="$running $!"
    worker=$((worker + 1))
done
wait
failed=$(find "$cache/fuzz/failed" -type f -exec basename {} \; | tr '\n' ' ')
[ -z "$failed" ] || die "fuzzing found something in: $failed"
