# shellcheck shell=sh disable=SC2034,SC2154
# Sourced: where downloads, build trees and disks are kept, and whether it may be used for that. What
# sources it sets $root, the checkout, before, and has die().

# The mark of a folder that was made for this.
cache_mark=.made-by-bootwire

if [ -n "${BOOTWIRE_CACHE:-}" ]; then
    cache=$BOOTWIRE_CACHE
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME/bootwire
elif [ -n "${HOME:-}" ]; then
    cache=$HOME/.cache/bootwire
else
    die "there is no HOME to keep downloads in: set BOOTWIRE_CACHE to a folder of your own"
fi
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
BOOTWIRE_CACHE=$cache
export BOOTWIRE_CACHE

# The folders that are made in it.
cache_parts="apt ccache debs disks eeprom firmware fuzz kernel mutants style sysroot tests"

real_path() { (CDPATH='' cd -- "$1" 2>/dev/null && pwd -P); }

# contains FOLDER INNER: whether they are one, or the second is within the first
contains() {
    outer=$(real_path "$1") || return 1
    inner=$(real_path "$2") || return 1
    case $inner/ in "${outer%/}"/*) return 0 ;; esac
    return 1
}

# One name within a folder of the cache by which it is known; caches of before the mark have none.
is_part() { # FOLDER
    if [ -z "$(ls -A -- "$1")" ]; then return 0; fi
    case ${1##*/} in
    apt) set -- "$1"/*-arm64 "$1"/*-armhf "$1"/*-amd64 ;;
    ccache) set -- "$1"/[0-9a-f] "$1"/ccache.conf ;;
    debs) set -- "$1"/*.deb ;;
    disks) set -- "$1"/*-????????????.tar "$1"/*-????????????.img ;;
    firmware) set -- "$1"/raspi-firmware_* ;;
    fuzz) set -- "$1"/*.log ;;
    kernel) set -- "$1"/????????-????????.lock ;;
    style) set -- "$1"/tidy "$1"/mypy ;;
    sysroot) set -- "$1"/bookworm "$1"/trixie "$1"/busybox ;;
    tests) set -- "$1"/durations.json ;;
    *) return 1 ;;
    esac
    for known; do if [ -e "$known" ]; then return 0; fi; done
    return 1
}

# Whether the folder is one that ./bootwire made: by its mark, or else by all that is in it.
is_cache() { # FOLDER
    if [ -f "$1/$cache_mark" ]; then return 0; fi
    for entry in "$1"/* "$1"/.[!.]*; do
        if [ ! -e "$entry" ] || [ "${entry##*/}" = lost+found ]; then continue; fi
        if [ ! -d "$entry" ] || ! is_part "$entry"; then return 1; fi
    done
    return 0
}

# Ends the program where the cache's folder holds what others may have put there.
refuse_foreign_cache() {
    if [ ! -e "$cache" ]; then return 0; fi
    [ -d "$cache" ] || die "$cache is no folder: set BOOTWIRE_CACHE to another one"
    if contains "$cache" "$root"; then
        die "$cache holds this checkout, and cannot be the cache as well: set BOOTWIRE_CACHE to a folder of its own"
    fi
    if [ -n "${HOME:-}" ] && contains "$cache" "$HOME"; then
        die "$cache is a home, and cannot be the cache: set BOOTWIRE_CACHE to a folder of its own"
    fi
    is_cache "$cache" ||
        die "$cache was not made by ./bootwire, there are other things in it: set BOOTWIRE_CACHE to a folder that is new"
}

# The cache's folder, marked.
make_cache() {
    refuse_foreign_cache
    mkdir -p "$cache" 2>/dev/null || die "cannot create $cache: set BOOTWIRE_CACHE to a folder that can be written to"
    [ -w "$cache" ] || die "cannot write to $cache: set BOOTWIRE_CACHE to a folder that can be written to"
    if [ ! -e "$cache/$cache_mark" ]; then
        printf '%s\n' "Made by ./bootwire, which may remove all of it again: ./bootwire clean --help" >"$cache/$cache_mark"
    fi
}
