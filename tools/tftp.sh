#!/bin/sh
# A TFTP server's folder with all that Raspberry Pis ask for (tools/card).
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire tftp DIR [--set KEY=VALUE…] [--pi SERIAL|MAC [--set KEY=VALUE…]]…

Puts firmware, kernel, device trees, config.txt and cmdline.txt for every board into DIR, the root of
your TFTP server, and renews them there: Pis may be reading meanwhile, and files of others are left
alone. Settings that were made before stay; DIR's cmdline.txt can be edited by hand, too.

  --set KEY=VALUE  into cmdline.txt, in place of what it said; KEY= alone takes it out (docs/settings.md).
                   Before any --pi: for all Pis without a folder of their own
  --pi NAME        a folder of its own for one Pi, with its own cmdline.txt, which begins as the shared
                   one: by its serial number (9f2a3c41), or by its MAC address where the Pi is set to
                   ask by that (TFTP_PREFIX=2). Each --set after it is for this Pi
  --replace        overwrite files that are not from here, or were changed since
  --build DIR      take what ./bootwire build has made from there (default: run it, with
                   modules.sqfs if the last build made one: build --modules, and take out/)
  --firmware DIR   Debian's package raspi-firmware, unpacked (default: fetched into the cache)

cmdline.txt with a secret is readable by DIR's group alone, in which the server has to be; over TFTP
everybody on the network can ask for it (docs/servers.md).
USAGE
}

for word; do
    case $word in -h | --help) usage; exit 0 ;; esac
done
if [ $# -eq 0 ]; then
    usage >&2
    exit 2
fi
need card
card tftp "$@"
