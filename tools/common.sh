# shellcheck shell=sh
# Sourced by the scripts behind ./bootwire: messages, folders, phases.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
export PYTHONDONTWRITEBYTECODE=1
# Where an ordinary user's shell does not look: mkfs, sfdisk, update-binfmts.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
# shellcheck disable=SC2034
out=$root/out

say() { printf 'bootwire: %s\n' "$*" >&2; }

die() {
    printf 'bootwire: %s\n' "$*" >&2
    exit 1
}

# shellcheck source=tools/cache.sh
. "$root/tools/cache.sh"

# Compiled files of this checkout.
build_folder() {
    printf '%s/build/%s\n' "$root" "$1"
}

# Compiled objects are kept by what they are made of, not by where: a fresh clone compiles nothing
# that another checkout has compiled before.
export CCACHE_DIR="$cache/ccache" CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=2G
# What a precompiled header stands for is in the .sum beside it: see cmake/precompiled.cmake.
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1

# fetch_qemu: the one that is a Pi 4 (lab/qemu.py), on a Debian whose own is too old. It takes the libraries
# of the system's, and stays beside it.
fetch_qemu() {
    case $(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}") in
    bookworm)
        "$root/tools/debian.sh" unpack bookworm-backports "$(dpkg --print-architecture)" "$cache/sysroot/qemu" \
            qemu-system-arm || exit 1
        ;;
    esac
}

cores() { nproc 2>/dev/null || echo 2; }

free_megabytes() { # of the file system that will hold a folder
    folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname -- "$folder"); done
    df -Pm -- "$folder" | awk 'NR == 2 { print $4 }'
}

# need_room MEGABYTES FOR: before a long step, not after half of it
need_room() {
    make_cache
    has=$(free_megabytes "$cache")
    [ "$has" -ge "$1" ] || die "$2 needs $1 MB in $cache and $has MB are free: make room (./bootwire clean --help) or set BOOTWIRE_CACHE to a folder on a larger disk"
}

# Says that the disk is full, if it is, where a program may have said it in its own way.
die_if_full() {
    [ "$(free_megabytes "$cache")" -ge 20 ] ||
        die "the disk that holds $cache is full: make room (./bootwire clean --help) or set BOOTWIRE_CACHE to a folder on a larger disk"
    [ "$(free_megabytes "$root")" -ge 20 ] || die "the disk that holds $root is full: make room"
}

need() { # PURPOSE…: packages of the table, installed where they are missing
    "$root/tools/setup.sh" --for "$@" || exit 1
}

card() { # VERB OPTION…: of tools/card; paths are as the caller meant them
    PYTHONPATH=$root exec /usr/bin/python3 -P -m tools.card "$@"
}

duration() { # SECONDS
    if [ "$1" -ge 60 ]; then printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

began=$(date +%s)
phase_name=
timeline=

phase() { # NAME: ends the phase before it
    phase_end
    phase_name=$1
    phase_began=$(date +%s)
    printf '\n== %s (after %s)\n' "$1" "$(duration $((phase_began - began)))" >&2
}

phase_end() {
    if [ -n "$phase_name" ]; then
        timeline="$timeline$(printf '%8s  %s' "$(($(date +%s) - phase_began)) s" "$phase_name")
"
        phase_name=
    fi
}

# compile FOLDER [--only TARGET] [CMAKE OPTION…]: configure where that is needed, build; the log only
# if it fails
compile() {
    folder=$1
    shift
    only=all
    if [ "${1:-}" = --only ]; then only=$2 && shift 2; fi
    mkdir -p "$folder" || die "cannot create $folder: is the disk full?"
    if ! cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@" >"$folder/configure.log" 2>&1; then
        die_if_full
        grep -A 5 'CMake Error' "$folder/configure.log" >&2 || tail -n 5 "$folder/configure.log" >&2
        die "cmake failed; the whole log: $folder/configure.log"
    fi
    {
        NINJA_STATUS='[%f/%t] ' nice ninja -C "$folder" "$only" 2>&1 || echo "ninja failed: $?"
    } | tee "$folder/build.log" | {
        # A line for every tenth part of the steps; the rest is in the log. (awk would hold lines back.)
        said=0
        while IFS= read -r line; do
            case $line in \[*/*\]*) ;; *) continue ;; esac
            step=${line#\[}
            step=${step%%\]*}
            case $step in *[!0-9/]* | */*/*) continue ;; esac
            if [ $((10 * ${step%/*} / ${step#*/})) -gt $said ]; then
                said=$((10 * ${step%/*} / ${step#*/}))
                printf '  compiling: %s of %s\n' "${step%/*}" "${step#*/}" >&2
            fi
        done
    }
    if [ "$(tail -n 1 "$folder/build.log" | cut -c1-12)" = "ninja failed" ]; then
        die_if_full
        grep -v '^\[' "$folder/build.log" | head -n 40 >&2
        die "does not compile; the whole log: $folder/build.log"
    fi
}

# One build for the sanitizers and the fuzz targets; what they find, they name by its line.
compile_sanitized() {
    compile "$(build_folder sanitize)" -DBOOTWIRE_SANITIZE=ON -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19
    ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-19 || true)
    export ASAN_SYMBOLIZER_PATH
}

# build_beside_disks MODULES ARGUMENT…: Image.gz (build --MODULES), and the disks of `python3 -m lab.disks
# ARGUMENT…`. A disk is made by one program at a time, most of it; a kernel's compilers fill the gaps.
build_beside_disks() {
    cd "$root" || exit 1
    modules=$1
    shift
    /usr/bin/python3 -m lab.disks "$@" >/dev/null &
    disks=$!
    # A background job of a script does not hear of Ctrl-C.
    trap 'kill "$disks" 2>/dev/null; exit 130' INT
    trap 'kill "$disks" 2>/dev/null; exit 143' TERM HUP
    if ! "$root/tools/build.sh" "--$modules"; then
        kill "$disks" 2>/dev/null || true
        wait "$disks" || true
        exit 1
    fi
    wait "$disks" || exit 1
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
