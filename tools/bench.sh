#!/bin/sh
# Measurements beside Debian's own way; the lab has the benches.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire bench [boot | outage | disk | usb | fleet] [OPTION…]

  boot    milliseconds from the kernel's start to the start of the disk's init, stage by stage,
          and bytes over TFTP, beside Debian 13's own kernel, initramfs-tools and open-iscsi on
          the same virtual Pi and disk, as a ratio (what is measured if nothing is named)
  outage  milliseconds from the moment when a target listens again to the first write that is
          done, after a second, a minute and 15 minutes, beside Debian's open-iscsi on the same
          virtual Pi: 35 minutes; --quick: 5. --away SECONDS: one of that length; --cable: the
          cable is out instead
  disk    sequential and random reads and writes of the root disk, beside a disk that Debian's
          open-iscsi has logged in to on the same kernel, as ratios: 15 minutes; --quick: 5
  usb     sequential reads and writes of a disk at the USB port, beside the same LUN as the Pi
          itself sees it, as ratios: 2 minutes
  fleet   twelve virtual Pis (--pis N) that are switched on at once and boot from one server, each
          its own disk, and the firmware alone of 80 (--firmware N): how long, what the servers need
          for it, what a thousand would: 5 minutes

The first time makes the disk that the bench needs: for boot, whose peer's initramfs is built under
emulation, 10 to 15 minutes more, for the others 5. More options: python3 -m lab bench NAME --help
USAGE
}

bench=boot
case ${1:-boot} in
-h | --help) usage; exit 0 ;;
boot | outage | disk | usb | fleet)
    bench=${1:-boot}
    [ $# -eq 0 ] || shift
    ;;
-*) ;;
*) die "there is no bench '$1'; there are: boot, outage, disk, usb, fleet" ;;
esac
for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
need build lab disks
need_room 5000 "the bench"
"$root/tools/build.sh" --modules=kept || exit 1
cd "$root"
case $bench in
boot) /usr/bin/python3 -m lab.disks --peer >/dev/null || exit 1 ;;
usb) /usr/bin/python3 -m lab.disks debian-arm64 >/dev/null || exit 1 ;;
fleet) /usr/bin/python3 -m lab.disks tiny >/dev/null || exit 1 ;;
*) /usr/bin/python3 -m lab.disks debian-initiator >/dev/null || exit 1 ;;
esac
exec /usr/bin/python3 -m lab bench "$bench" "$@"
