#!/bin/sh
# A whole boot to look at: builds what is missing, then the lab takes over.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire demo [--board raspi3b|raspi4b|virt] [--disk IMAGE] [--mode pivot|kexec|usb] [--screen] [OPTION…]

A virtual Raspberry Pi boots a Debian 13 from an iSCSI disk: its firmware asks DHCP and fetches
config.txt, device tree and kernel over TFTP, bootwire logs in to the target and hands over to
what is on the disk. The servers are real (dnsmasq, tgt), on a network of their own that nothing
else can reach, and no root is needed for it. You get the Pi's console: root, no password;
Ctrl-] leaves.

  --board BOARD   raspi3b (default): QEMU's Raspberry Pi 3B. raspi4b: its Pi 4B, with the network at USB.
                  virt: faster, with KVM where there is
  --mode MODE     pivot (default). kexec: a disk with Debian's own kernel and a small shell; that
                  kernel is started. usb: the disk is shown at the USB port, and the console is
                  that of the computer there, which runs from it. Both on virt
  --screen        the board gets a screen (virt): a window, where there is a display, and pictures
                  of all that was on it, out/demo/screen-*.png
  --disk IMAGE    a raw disk image of yours, say of Raspberry Pi OS; it is never written to
  --keep          keep what the Pi wrote, and go on with it next time
  --no-console    end at the login prompt

The first time installs packages and builds everything: half an hour on two cores, of which
the kernel takes 10 to 25 minutes. Later the Pi starts after seconds; until its Debian asks for a
login, virt takes 40 s, and the Pis, all of whose disk goes through their slow USB, some minutes.
More options: python3 -m lab demo --help
USAGE
}

absolute() { # PATH, as the caller meant it: what follows happens in the checkout
    case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s/%s\n' "$PWD" "$1" ;; esac
}

disk='' name=debian-arm64 before='' pi4='' purposes='build lab disks'
for word; do
    shift
    case $before$word in
    -h | --help) usage; exit 0 ;;
    --disk=*) disk=yes word=--disk=$(absolute "${word#*=}") ;;
    --disk?*) disk=yes word=$(absolute "$word") ;;
    --mode=kexec | --modekexec) name=tiny-kernel ;;
    --board=raspi4b | --boardraspi4b) pi4=yes ;;
    --screen) if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then purposes="$purposes window"; fi ;;
    esac
    before=''
    case $word in --mode | --disk | --board) before=$word ;; esac
    set -- "$@" "$word"
done
# shellcheck disable=SC2086
need $purposes
cd "$root"
/usr/bin/python3 -m lab demo --check "$@" || exit # of what is wrong a person hears before the build
need_room 2500 "the demo"
if [ -n "$pi4" ]; then fetch_qemu; fi
[ -d "$cache/kernel" ] || say "first run: a kernel will be built (10 to 25 minutes), and a Debian beside it"
if [ -n "$disk" ]; then
    "$root/tools/build.sh" --modules=kept || exit 1
else
    build_beside_disks modules=kept "$name"
    image=$(/usr/bin/python3 -m lab.disks "$name") || exit 1
    set -- --disk "$image" "$@"
fi
exec /usr/bin/python3 -m lab demo "$@"
