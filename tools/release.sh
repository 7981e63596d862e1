#!/bin/sh
# What is handed on: each variant with its card, its TFTP tree, sums, licences and sources (tools/card).
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire release [--out DIR]

Makes out/release with a folder for each variant that is built (ethernet):

  Image.gz      the kernel with bootwire inside
  sdcard.img    a card for every board: ./bootwire sdcard
  tftp.tar      a TFTP server's folder: ./bootwire tftp
  modules.sqfs  drivers that no boot needs, for this Image.gz alone
  licences      the texts, and SOURCES.txt: every part, its version, and where its source is
  SHA256SUMS    of all of it: sha256sum -c SHA256SUMS

  --out DIR       another folder; an older release there is replaced as a whole
  --build DIR     take what ./bootwire build has made from there (default: run it, with
                  modules.sqfs if the last build made one: build --modules, and take out/)
  --firmware DIR  Debian's package raspi-firmware, unpacked (default: fetched into the cache)
  --notices DIR   a folder whose usr/share/doc has the notices of the libraries (default: with --build
                  none, else those that the build took)

Two runs give the same bytes.
USAGE
}

for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
need card
card release "$@"
