# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by build.sh: the kernel's own make, with what all of it is told, and how far it is.

# Of a build from nothing: only the first estimate depends on them.
typical_image_steps=2400 typical_modules_steps=9000

# Smaller once compressed, where order and layout of the code were chosen for speed alone: README.md
# has the figures.
compiler_flags="-fno-schedule-insns2 -fno-reorder-blocks -fno-caller-saves -fno-tree-tail-merge -fno-thread-jumps \
-fno-shrink-wrap"

# Debian 12's binutils know no RELR for arm64, which makes a kernel that can lie anywhere small: the same
# linker everywhere.
linker=ld.lld-19

kmake() {
    make -C "$tree" -j"$jobs" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- LD="$linker" \
        KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$epoch" '+%F')" KBUILD_BUILD_VERSION=1 \
        KBUILD_BUILD_USER=bootwire KBUILD_BUILD_HOST=bootwire LOCALVERSION="$own_version" \
        KCFLAGS="$compiler_flags" "$@"
}

# progress LOG: a line now and then while make writes LOG; $counted, image or modules, is what is being made
progress() {
    case $counted in
    image) expected=$typical_image_steps ;;
    modules) expected=$typical_modules_steps ;;
    *) expected=0 ;; # some modules, or a link
    esac
    if [ -n "$counted" ] && [ -e "$cache/kernel/steps-$counted" ]; then read -r expected <"$cache/kernel/steps-$counted"; fi
    began=$(date +%s)
    nap=
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    while :; do # every 12 s
        sleep 12 &
        nap=$!
        wait "$nap"
        [ -e "$tree/bootwire/at-work" ] || exit 0 # a signal that comes before the trap is set is lost
        steps=$(grep -c '^  [A-Z]' "$1" || true)
        passed=$(($(date +%s) - began))
        [ "$steps" -gt 0 ] || continue
        if [ -z "$counted" ]; then
            say "still at it, $passed s passed"
        elif [ "$steps" -lt "$expected" ]; then
            left=$((passed * (expected - steps) / steps))
            say "$((steps * 100 / expected)) % ($steps of about $expected steps), $((passed / 60)):$(printf %02d $((passed % 60))) passed, about $(((left + 59) / 60)) min left"
        else
            say "$steps steps, $((passed / 60)):$(printf %02d $((passed % 60))) passed, linking"
        fi
    done
}

# try_make LOG TARGET…
try_make() {
    log=$1
    shift
    : >"$log"
    : >"$tree/bootwire/at-work"
    progress "$log" 8>&- &
    watcher=$!
    rc=0
    kmake "$@" >"$log" 2>&1 || rc=$?
    rm -f "$tree/bootwire/at-work"
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    watcher=
    return $rc
}

run_make() {
    try_make "$@" && return
    if grep -q 'No space left' "$1"; then die "the disk that holds $cache is full"; fi
    grep -m 5 -E 'rror[: ]|undefined' "$1" >&2 || tail -n 5 "$1" >&2
    die "make failed; the whole log: $1"
}

# The steps of a build from nothing are what the next one is measured by.
count_steps() { # LOG
    grep -c '^  [A-Z]' "$1" >"$cache/kernel/steps.new" || true
    if [ "$(cat "$cache/kernel/steps.new")" -gt 1000 ]; then mv "$cache/kernel/steps.new" "$cache/kernel/steps-$counted"; fi
}
