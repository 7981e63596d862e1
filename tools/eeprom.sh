#!/bin/sh
# The image of a bootloader EEPROM: compiles the program that looks at it, and runs it.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire eeprom show FILE                 version, order of boot, configuration, sections
       ./bootwire eeprom verify FILE [--sig SIG]   whether it is whole, and what was looked at
       ./bootwire eeprom edit FILE CHANGE… [--out NEW] [--sig SIG] [--yes]

FILE is the image of a Raspberry Pi 4's or 5's bootloader EEPROM, pieeprom-….bin. Changes:

  --boot-order network    put the network into BOOT_ORDER behind the SD card, keep the rest
  --boot-order 0xf21      this order
  --set KEY=VALUE         a setting of the configuration; can be given several times
  --config TEXT           the file's text in place of the configuration, before the others
  --timestamp now|SECONDS the time of the update, as rpi-eeprom-update writes it into the image

  --out NEW               write the changed image there. Without it FILE itself is replaced
  --sig SIG               write pieeprom.sig too: SHA-256, time, chip (with verify: compare with it)
  --yes                   replace files that are there without asking

Only what was asked for is changed in the text: comments stay, filters are understood, and nothing
behind [config.txt] is touched. An image that is signed by an owner, or not understood, is refused.
A file is written beside its place, read back and compared, and renamed; nothing else is written.
Exit status: 0 done, 1 refused, damaged or declined, 2 wrong usage. Read docs/eeprom.md.
USAGE
}

for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
if [ $# -eq 0 ]; then
    usage >&2
    exit 2
fi

need build test
folder=$(build_folder host)
compile "$folder" --only bootwire-eeprom
exec "$folder/src/card/eeprom_command/bootwire-eeprom" "$@"
