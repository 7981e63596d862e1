#!/bin/sh
# Everything that proves bootwire, in the order in which it fails soonest.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire test [--all] [--style] [--sanitize] [--fuzz] [--system] [--unit] [PYTEST ARGUMENT…]
       ./bootwire test --mutants [PART…] [--seed N] [--count N] [--only TEXT]

  --style     layout and slips, as far as programs see them: C++ that changed, shell, Python (tools/style.sh)
  --sanitize  the unit tests (GoogleTest, ctest) under AddressSanitizer and UndefinedBehaviorSanitizer
  --fuzz      each fuzz target for some seconds, from the kept corpus (./bootwire fuzz: for longer)
  --system    whole boots: the virtual Pi on a network of its own with real servers
  --unit      the unit tests as GCC builds them, which takes half as long as with sanitizers
  --mutants   slips made on purpose, one at a time: which of them no test of the part notices, some seconds
              each; without PART (a part, or a group of them) protocol, media, plan and keeper
  --all       with what is left out otherwise: the unit tests as GCC builds them, more disks, full waiting times,
              style of C++ that has not changed, all kernel modules in place of those that tests load

Without one of the first five: style, sanitize, fuzz and system. What else is given goes to pytest, and
only the disks are made that the chosen tests need:
  ./bootwire test --system -k redirection        only the tests with that in their name
  ./bootwire test --system --lf                  only what failed last
  ./bootwire test --system -x -k boots           in one process, up to the first failure

The system tests run as several pytest processes side by side, one more than cores (--shards N: that
many). -x, -s, --pdb and the like mean one.

From nothing half an hour to an hour on two cores (a kernel and a Debian are built), later a quarter
of an hour.
BOOTWIRE_FUZZ_SECONDS  for each fuzz target (default 3)
Transcripts of the system tests are kept in out/lab/.
USAGE
}

unit='' style='' sanitize='' fuzz='' system='' mutants='' all=''
while [ $# -gt 0 ]; do
    case $1 in
    --style) style=yes ;;
    --unit) unit=yes ;;
    --sanitize) sanitize=yes ;;
    --fuzz) fuzz=yes ;;
    --system) system=yes ;;
    --mutants)
        mutants=yes
        shift
        case ${1:-} in -h | --help) usage; exit 0 ;; esac
        break
        ;;
    --all) all=--all ;;
    -h | --help) usage; exit 0 ;;
    *) break ;;
    esac
    shift
done
if [ -z "$style$unit$sanitize$fuzz$system$mutants" ]; then unit=$all style=yes sanitize=yes fuzz=yes system=yes; fi

mkdir -p "$out" || die "cannot create $out: is the disk full?"
skips=$out/skipped # "name | reason" of each test that was skipped
: >"$skips"
results=
note() { # a part of the closing line
    results="$results${results:+, }$1"
    printf '%s\n' "$1" >&2
}

finish() {
    code=$?
    trap - EXIT
    phase_end
    printf '\n%s' "$timeline" >&2
    [ -z "$system" ] || [ -n "$all" ] || printf 'left out (./bootwire test --all runs it): %s\n' "${left_out:-it did not get so far}" >&2
    /usr/bin/python3 "$root/tools/skips.py" report "$skips" "$root/tests/skips.txt" >&2 || code=1
    [ "$code" -eq 0 ] && verdict=passed || verdict=FAILED
    printf 'bootwire test: %s after %s%s\n' "$verdict" "$(duration $(($(date +%s) - began)))" "${results:+: $results}"
    exit "$code"
}
left_out=

purposes=
if [ -n "$unit$mutants" ]; then purposes="$purposes build test"; fi
if [ -n "$style" ]; then purposes="$purposes build test fuzz style"; fi
if [ -n "$sanitize$fuzz" ]; then purposes="$purposes build test fuzz"; fi
if [ -n "$system" ]; then purposes="$purposes build test lab disks"; fi
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
phase "packages"
# shellcheck disable=SC2086
need $purposes
if [ -n "$system" ] && [ ! -d "$cache/kernel" ]; then need_room 9000 "the test"; else need_room 1000 "the test"; fi

# count_skips RUNNER FILE: their number as a part of a closing line; their names come at the end
count_skips() {
    /usr/bin/python3 "$root/tools/skips.py" "$1" "$2" >"$skips.new"
    cat "$skips.new" >>"$skips"
    skipped=$(wc -l <"$skips.new")
    rm "$skips.new"
}

# run_ctest FOLDER NAME: its closing lines stay visible
run_ctest() {
    { ctest --test-dir "$1" -j "$(cores)" --output-on-failure --no-tests=error 2>&1 || echo "ctest failed"; } |
        tee "$1/ctest.log" | awk '/tests passed|Total Test time|\*\*\*|^ctest failed|No tests were found/ { print; next }
                                  / +Passed / { next } /^ +Start +[0-9]+:/ { next } { print }'
    [ "$(tail -n 1 "$1/ctest.log")" != "ctest failed" ] || die "$2: tests failed (all of it: $1/ctest.log)"
    count_skips ctest "$1"
    note "$2: $(awk '/^\[  PASSED  \]/ { passed += $4 } END { print passed }' "$1/Testing/Temporary/LastTest.log") tests passed, $skipped skipped"
}

if [ -n "$style" ]; then
    phase "style"
    "$root/tools/style.sh" $all || exit 1
    note "style: nothing found"
fi
if [ -n "$unit" ]; then
    phase "unit tests"
    compile "$(build_folder host)"
    run_ctest "$(build_folder host)" unit
fi
if [ -n "$sanitize" ]; then
    phase "unit tests under ASan and UBSan"
    compile_sanitized
    run_ctest "$(build_folder sanitize)" sanitized
fi
if [ -n "$fuzz" ]; then
    phase "fuzz targets"
    "$root/tools/fuzz.sh" --seconds "${BOOTWIRE_FUZZ_SECONDS:-3}" || exit 1
    note "fuzz: $("$root/tools/fuzz.sh" --list | wc -l) targets ran ${BOOTWIRE_FUZZ_SECONDS:-3} s each"
fi
if [ -n "$mutants" ]; then
    phase "mutants"
    cd "$root" || exit 1
    { nice /usr/bin/python3 -m tools.run_mutants "$@" || echo "mutants failed"; } | tee "$out/mutants.log"
    [ "$(tail -n 1 "$out/mutants.log")" != "mutants failed" ] ||
        die "mutants: see above; one that survives needs a test, or a line in tests/mutants.txt with the reason why not"
    note "$(tail -n 1 "$out/mutants.log")"
fi
if [ -n "$system" ]; then
    phase "programs of the lab"
    compile "$(build_folder host)" --only lab-programs
    # Not installed: it would be started, and take the place of a TFTP server that is there.
    "$root/tools/debian.sh" unpack own "$(dpkg --print-architecture)" "$cache/sysroot/tftpd-hpa" \
        tftpd-hpa libwrap0 libnsl2 || exit 1
    fetch_qemu
    phase "kernel and init for the Raspberry Pi, and disks beside it"
    # shellcheck disable=SC2086
    if [ -n "$all" ]; then modules=modules; else modules="modules=test"; fi
    build_beside_disks "$modules" --for-tests $all tests/system "$@"
    phase "system tests"
    BOOTWIRE_HOST_BUILD=$(build_folder host) # its programs, not those of the fuzzers' build
    export BOOTWIRE_HOST_BUILD
    # shellcheck disable=SC2086
    { nice /usr/bin/python3 -m lab.shards $all tests/system "$@" </dev/null 2>&1 ||
        echo "pytest failed"; } | tee "$out/system-tests.log"
    left_out="the unit tests as GCC builds them; $(sed -n '/left out; --all runs them/,/^=/p' "$out/system-tests.log" | grep '^tests/' | tr '\n' ' ' || true)"
    [ "$(tail -n 1 "$out/system-tests.log")" != "pytest failed" ] || die "system tests failed; transcripts are in out/lab/"
    count_skips pytest "$out/system-tests.log"
    note "system: $(grep -E '^=+ .*(passed|failed|deselected).* =+$' "$out/system-tests.log" | tail -n 1 | tr -d '=' | sed 's/^ *//; s/ *$//')"
fi
