#!/bin/sh
# out/sdcard.img: a card that starts any Raspberry Pi, and writing it to one (tools/card).
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire sdcard [--set KEY=VALUE…] [--out FILE] [--device /dev/sdX [--yes]] [--eeprom DIR]
                         [--bootcode]

Makes out/sdcard.img: firmware, kernel, device trees and settings for every board, on one FAT
partition. Raspberry Pi Imager, balenaEtcher and dd write it to a card as it is (docs/card.md).

  --set KEY=VALUE  a setting for where the Pi will be, into bootwire.txt on the card; as often as
                   needed (docs/settings.md). An image with a secret is readable by you alone
  --out FILE       another place for it
  --device DISK    write it to this card as well, and compare what the card gives back; asks first.
                   What is in use, is no card, or has more than 256 GB is refused; lsblk lists disks
  --yes            do not ask
  --eeprom DIR     a copy of Raspberry Pi's repository rpi-eeprom: its newest bootloaders go onto the card,
                   and a Pi 4 or 5 that starts from it learns to boot from the network (docs/eeprom.md)
  --bootcode       out/bootcode.img instead: a card that has a Raspberry Pi 3B boot from the network
  --build DIR      what to put on it, made by ./bootwire build (default: it is called, and out taken)
  --firmware DIR   Debian's package raspi-firmware, unpacked (default: fetched into the cache)

Two runs give the same bytes.
USAGE
}

for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
need card
card sdcard "$@"
