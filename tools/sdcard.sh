#!/bin/sh
# out/sdcard.img: a card that starts any Raspberry Pi, and writing it to one (tools/card).
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire sdcard [--set KEY=VALUE…] [--out FILE] [--device /dev/sdX] [--yes]
                         [--eeprom download|DIR|none] [--bootcode | --otp 3b]

Makes out/sdcard.img: firmware, kernel, device trees and settings for every board, on one FAT
partition, 64 MiB. Raspberry Pi Imager, balenaEtcher and dd write it to a card as it is (docs/card.md).

  ./bootwire sdcard                           where DHCP says where the disk is; or set it later, on the card
  ./bootwire sdcard --set iscsi.ip=192.168.1.10 --set iscsi.target=iqn.2024-01.lan.home:pi4-root

  --set KEY=VALUE  put this setting into bootwire.txt on the card; can be given several times
                   (docs/settings.md). An image with a secret is readable by you alone
  --out FILE       another place for it
  --device DISK    write it to this card as well (by sudo, where that takes root), and compare what the
                   card gives back. All that is on it is lost, so its name has to be typed first. What is
                   in use, is no card, or has more than 256 GB is refused; lsblk lists disks
  --eeprom WHAT    Raspberry Pi's bootloaders for the card, with which a Pi 4 or 5 that starts from it
                   adds the network to its boot order (docs/eeprom.md):
                     download  those of the locked release of Raspberry Pi's repository rpi-eeprom;
                               3 MB, downloaded once
                     DIR       the newest ones of a copy of that repository
                     none      no bootloaders; the card starts every board as well
                   Without --eeprom a person at a terminal is asked; without a terminal it is none
  --bootcode       make out/bootcode.img instead: a card that has a Raspberry Pi 3B boot from the
                   network as long as it is in, and changes nothing in the Pi
  --otp 3b         make out/sdcard-otp-3b.img: a card that also sets a bit in each Pi 3B that starts
                   from it, which can boot from the network without a card ever after. This can't be
                   undone, so it asks for a yes first
  --yes            ask nothing: not before writing to DISK, nor before a card with --otp, nor whether
                   to download bootloaders
  --build DIR      take what ./bootwire build has made from there (default: run it, with
                   modules.sqfs if the last build made one: build --modules, and take out/)
  --firmware DIR   Debian's package raspi-firmware, unpacked (default: fetched into the cache)
  --notices DIR    with --build: where the libraries in init have their notices, the sysroot of that build

Two runs give the same bytes.

BOOTWIRE_EEPROM_MIRROR  where --eeprom download asks, in place of the address in tools/card/eeprom.lock;
                        what comes from there has to have the SHA-256 that is locked all the same
USAGE
}

for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
need card
card sdcard "$@"
