#!/bin/sh
# Removes what ./bootwire made, and nothing else.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<USAGE
usage: ./bootwire clean            what is compiled: out/ and this checkout's build folders
       ./bootwire clean --disks    and the lab's disks (3 to 5 minutes to make again)
       ./bootwire clean --kernel   and the kernel's build trees (8 to 12 minutes)
       ./bootwire clean --all      all of the cache, downloads too
       ./bootwire clean --list     what is kept, and how much it is

The cache: $cache
USAGE
}

remove() {
    for path; do
        if [ -e "$path" ]; then
            say "removing $path ($(du -sm -- "$path" 2>/dev/null | cut -f1) MB)"
            rm -rf -- "$path" || die "cannot remove all of $path: is something using it?"
        fi
    done
}

remove_compiled() { remove "$out" "$(dirname -- "$(build_folder x)")"; }

# remove_cached PART…: and what is compiled, unless the cache is none of ours
remove_cached() {
    refuse_foreign_cache
    remove_compiled
    for part; do remove "$cache/$part"; done
}

case ${1:-} in
-h | --help) usage ;;
'') remove_compiled ;;
--disks) remove_cached disks ;;
--kernel) remove_cached kernel ;;
--all)
    # shellcheck disable=SC2086
    remove_cached $cache_parts
    rm -f "$cache/$cache_mark"
    rmdir "$cache" 2>/dev/null || true
    ;;
--list)
    for path in "$out" $(for part in $cache_parts; do printf '%s/%s ' "$cache" "$part"; done); do
        if [ -e "$path" ]; then printf '%7s MB  %s\n' "$(du -sm -- "$path" | cut -f1)" "$path"; fi
    done
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
