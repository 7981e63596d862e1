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

# Only folders that ./bootwire makes: the cache may have been pointed at somebody's home.
parts="apt build ccache debs disks fuzz kernel style sysroot tests"

case ${1:-} in
-h | --help) usage ;;
'') remove "$out" "$(dirname -- "$(build_folder x)")" ;;
--disks) remove "$out" "$(dirname -- "$(build_folder x)")" "$cache/disks" ;;
--kernel) remove "$out" "$(dirname -- "$(build_folder x)")" "$cache/kernel" ;;
--all)
    remove "$out" "$(dirname -- "$(build_folder x)")"
    for part in $parts; do remove "$cache/$part"; done
    rmdir "$cache" 2>/dev/null || true
    ;;
--list)
    for path in "$out" $(for part in $parts; do printf '%s/%s ' "$cache" "$part"; done); do
        if [ -e "$path" ]; then printf '%7s MB  %s\n' "$(du -sm -- "$path" | cut -f1)" "$path"; fi
    done
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
