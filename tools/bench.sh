#!/bin/sh
# Measurements beside Debian's own way; the lab has the benches.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire bench [boot] [OPTION…]

  boot   milliseconds from the kernel's start to the start of the disk's init, stage by stage,
         and bytes over TFTP, beside Debian 13's own kernel, initramfs-tools and open-iscsi on
         the same virtual Pi and disk, as a ratio

The first time makes the disk of the peer, whose initramfs is built under emulation: 10 to 15
minutes more. More options: python3 -m lab bench boot --help
USAGE
}

case ${1:-boot} in
-h | --help) usage; exit 0 ;;
boot) [ $# -eq 0 ] || shift ;;
-*) ;;
*) die "there is no bench '$1'; there is: boot" ;;
esac
for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
need build lab disks
need_room 5000 "the bench"
"$root/tools/build.sh" || exit 1
cd "$root"
/usr/bin/python3 -m lab.disks --peer >/dev/null || exit 1
exec /usr/bin/python3 -m lab bench boot "$@"
