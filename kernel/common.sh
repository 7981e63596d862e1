# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by build.sh and initramfs.sh: messages, budgets, and what a build tree has.

kernel=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
export LC_ALL=C

# Bytes. A build beyond them fails.
image_budget=6800000
init_budget=1700000

# The trees that ship beside Image.gz: Linux's, and ours of dts/. Those that have much in common stand
# together: packed like that, they are small. Those of a "d", a chip's second stepping, are there for kexec.
dtbs="bcm2837-rpi-3-b bcm2837-rpi-3-b-plus bcm2837-rpi-3-a-plus bcm2837-rpi-zero-2-w
bcm2711-rpi-4-b bcm2711-rpi-400 bcm2711-rpi-cm4-io bcm2711-rpi-cm4s bcm2712-rpi-5-b bcm2712-d-rpi-5-b
bcm2712-rpi-500 bcm2712-rpi-cm5-cm5io bcm2712-d-rpi-cm5-cm5io bcm2712-rpi-cm5l-cm5io bcm2712-d-rpi-cm5l-cm5io"
dtb_folder=arch/arm64/boot/dts/broadcom # in the build tree

# DTB. Another source than Debian's brings trees of its own, be they called as ours.
is_ours() { [ -e "$kernel/dts/$1.dts" ] && [ ! -e "$tree/bootwire/trees" ]; }

dtb_file() { # DTB: where it is in the build tree
    if is_ours "$1"; then printf '%s\n' "$tree/bootwire/dtbs/$1.dtb"; else printf '%s\n' "$tree/$dtb_folder/$1.dtb"; fi
}

say() { printf 'kernel: %s\n' "$*" >&2; }
die() {
    printf 'kernel: %s\n' "$*" >&2
    exit 1
}

# A build tree, $tree, is the unpacked source; what is ours in it is in $tree/bootwire:
#   modules.all      every module that was built: NAME FILE DEPENDENCY…
#   modules.sqfs     what modules.sh packs, and its package, modules.deb; package/ is what they are made of
#   modules/         those of the initramfs, compressed, and their index
#   dtbs/            the device trees that are ours
#   stage/           the other files of the initramfs, stripped; init among them
#   trees            of another source than Debian's: the device trees that it has
#   missing          likewise: what of the fragments it has not
#   initramfs.cpio   what the kernel embeds
#   done             compiled; its time tells when the tree was last used

# The time that everything in the image carries: that of the source.
tree_epoch() {
    stat -c %Y "$tree/Makefile"
}

# modinfo FILE FIELD: values of one field, one a line
modinfo() {
    aarch64-linux-gnu-objcopy -O binary --only-section=.modinfo "$1" "$tree/bootwire/modinfo" &&
        tr '\0' '\n' <"$tree/bootwire/modinfo" | sed -n "s/^$2=//p"
}
