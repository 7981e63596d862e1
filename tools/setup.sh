#!/bin/sh
# Installs the Debian packages that ./bootwire needs, and says beforehand which and why.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

table=$root/tools/packages.txt

usage() {
    cat <<'USAGE'
usage: ./bootwire setup            install what is missing for all verbs, but no window
       ./bootwire setup --list     what is needed, why, and what of it is missing
       ./bootwire setup --for PURPOSE…   only for build, card, test, fuzz, style, lab, disks or (demo --screen) window

Installs packages of this machine's own Debian release (12 or 13) with apt-get, without
questions, as root or with sudo. No architecture is added, no apt source, and no service is
left running. What else is needed comes from Debian's archive into the cache; nothing comes from
elsewhere but the bootloaders that ./bootwire sdcard offers, if you say yes to them.
USAGE
}

# Lines "package|proof|why" of what is wanted for the purposes given
wanted() {
    sed 's/ *| */|/g; s/^ *//; s/ *$//; /^#/d; /^$/d' "$table" | awk -F'|' -v purposes="$*" '
        BEGIN { n = split(purposes, want, " ") }
        {
            m = split($1, has, ","); take = n == 0 && $1 != "window"
            for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) if (want[i] == has[j]) take = 1
            if (take) print $2 "|" $3 "|" $4
        }'
}

installed() { # PACKAGE
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

proven() { # COMMAND OR FILE
    case $1 in
    -) return 1 ;;
    /*) [ -e "$1" ] || [ -e "${1%.gpg}.pgp" ] ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

known() { apt-cache show --no-all-versions "$1" 2>/dev/null | grep -qxF "Package: $1"; }

# The alternative that this release has.
choose() { # PACKAGE[/PACKAGE]
    for alternative in $(printf '%s' "$1" | tr / ' '); do
        if known "$alternative"; then
            printf '%s\n' "$alternative"
            return
        fi
    done
    printf '%s\n' "${1%%/*}"
}

# Another alternative than this release's does not count: mmdebstrap of Debian 12 wants qemu-user-static.
present() { # PACKAGE[/PACKAGE] PROOF
    if proven "$2"; then return 0; fi
    [ "$2" = - ] && installed "$(choose "$1")"
}

missing() { # PURPOSE…: the lines of the table that are not there
    wanted "$@" | while IFS='|' read -r package proof why; do
        present "$package" "$proof" || printf '%s|%s|%s\n' "$package" "$proof" "$why"
    done
}

# as_root COMMAND…
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether as_root can work: root, or sudo that needs no password, or somebody there to type it.
can_become_root() {
    if [ "$(id -u)" -eq 0 ]; then return 0; fi
    command -v sudo >/dev/null || return 1
    if sudo -n true 2>/dev/null; then return 0; fi
    [ -t 0 ] && [ -z "${CI:-}" ]
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o APT::Update::Error-Mode=persistent -o Acquire::Retries=2 \
        -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 "$@"
}

apt_died() { # WHAT
    if grep -q 'No space left\|enough free space' "$log"; then
        die "$1: the disk is full; make room and run ./bootwire setup again"
    fi
    reason=$(sed -n 's/^E: *//p' "$log" | head -n 1)
    if grep -q 'Could not resolve\|Temporary failure resolving\|Could not connect\|Unable to connect\|timed out\|Connection failed' "$log"; then
        die "$1: the archive in this machine's apt sources does not answer; check the network and /etc/apt ($reason)"
    fi
    die "$1: ${reason:-see $log}"
}

refresh_lists() {
    say "reading the package lists (apt-get update)"
    apt update >"$log" 2>&1 </dev/null || apt_died "apt-get update failed"
}

# apt-get's output to a line of progress now and then. (awk would hold lines back.)
follow() {
    count=0 total='?'
    while IFS= read -r line; do
        case $line in
        *' newly installed,'*) total=$(printf '%s' "$line" | awk '{ print $1 + $3 }') ;;
        'Need to get '*) line=${line#Need to get }; printf '  downloading %s\n' "${line%% of archives*}" >&2 ;;
        'Setting up '*)
            count=$((count + 1))
            if [ $((count % 20)) -eq 0 ] || [ "$count" = "$total" ]; then
                printf '  installed: %s of %s packages\n' "$count" "$total" >&2
            fi
            ;;
        esac
    done
}

install() { # PACKAGE…
    for attempt in first second; do
        { apt install --no-install-recommends "$@" </dev/null 2>&1 || echo "apt-get failed"; } | tee "$log" | follow
        if [ "$(tail -n 1 "$log")" != "apt-get failed" ]; then return; fi
        # Lists that are older than the archive name files that it no longer has.
        if [ "$attempt" = first ] && grep -q '404 \|Unable to locate\|no installation candidate\|Unable to fetch' "$log"; then
            refresh_lists
        else
            break
        fi
    done
    apt_died "apt-get install failed"
}

# The lab starts servers of its own; one that serves this machine's network was not asked for.
leave_stopped() { # PACKAGE SERVICE
    case " $packages " in
    *" $1 "*) if [ -d /run/systemd/system ]; then as_root systemctl disable --now "$2" >/dev/null 2>&1 || true; fi ;;
    esac
}

# Programs of a Pi's architectures run here through qemu-user: the kernel must know it.
runs() { arch-test "$1" >/dev/null 2>&1; }

# Whether the kernel knows it as another package had it, whose emulator is not found inside a chroot.
outdated() { # NAME
    registered=/proc/sys/fs/binfmt_misc/$1
    [ -e "$registered" ] && grep -q ':[A-Z]*F[A-Z]*$' "/usr/lib/binfmt.d/$1.conf" 2>/dev/null && ! grep -q '^flags:.*F' "$registered"
}

enable_architectures() {
    for arch in arm64 armhf; do
        case $arch in arm64) name=qemu-aarch64 ;; *) name=qemu-arm ;; esac
        if runs "$arch" && ! outdated "$name"; then continue; fi
        can_become_root || die "this machine does not run $arch programs yet; type: sudo ./bootwire setup"
        if [ ! -e /proc/sys/fs/binfmt_misc/register ]; then
            as_root modprobe binfmt_misc 2>/dev/null || true
            as_root mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc 2>/dev/null || true
        fi
        if outdated "$name"; then as_root sh -c "echo -1 >/proc/sys/fs/binfmt_misc/$name"; fi
        if [ -e /usr/lib/binfmt.d/$name.conf ] && [ ! -e /proc/sys/fs/binfmt_misc/$name ]; then
            as_root sh -c "cat /usr/lib/binfmt.d/$name.conf >/proc/sys/fs/binfmt_misc/register" 2>/dev/null || true
        fi
        runs "$arch" || die "this machine's kernel does not run $arch programs through qemu-user: it needs binfmt_misc (in a container: run 'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc' and install qemu-user-static on the host)"
        say "enabled: this machine now runs $arch programs, through qemu-user"
    done
}

list() { # PURPOSE…
    wanted "$@" | while IFS='|' read -r package proof why; do
        state=missing
        if present "$package" "$proof"; then state=; fi
        printf '%-34s %-8s %s\n' "$package" "$state" "$why"
    done
}

quiet=
case ${1:-} in
-h | --help | help)
    usage
    exit 0
    ;;
--list)
    shift
    list "$@"
    exit 0
    ;;
--for)
    shift
    quiet=yes
    [ $# -gt 0 ] || { usage >&2; exit 2; }
    ;;
'') ;;
*)
    usage >&2
    exit 2
    ;;
esac
for purpose; do
    case $purpose in build | card | test | fuzz | style | lab | disks | window) ;; *) die "setup: no purpose '$purpose'; there are build, card, test, fuzz, style, lab, disks, window" ;; esac
done

lines=$(missing "$@")
if [ -n "$lines" ]; then
    command -v apt-get >/dev/null ||
        die "this is no Debian: missing are $(printf '%s\n' "$lines" | cut -d'|' -f1 | tr '\n' ' ')"
    can_become_root ||
        die "packages are missing and this user may not install them; type: su -c 'apt-get install --no-install-recommends $(printf '%s\n' "$lines" | cut -d'|' -f1 | while read -r package; do choose "$package"; done | tr '\n' ' ')'"
    log=$(mktemp) || die "cannot write to ${TMPDIR:-/tmp}: is the disk full?"
    trap 'rm -f "$log"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # A machine that never read its lists knows no package.
    first=$(printf '%s\n' "$lines" | sed -n '1s/[|/].*//p')
    known "$first" || refresh_lists
    packages='' reasons=''
    while IFS='|' read -r package proof why; do
        chosen=$(choose "$package")
        [ "$proof" != - ] && installed "$chosen" && die "$chosen is installed but there is no $proof in PATH ($PATH): type: apt-get install --reinstall $chosen"
        packages="$packages $chosen"
        reasons="$reasons$(printf '  %-24s %s' "$chosen" "$why")
"
    done <<LINES
$lines
LINES
    say "these Debian packages are missing and will be installed:"
    printf '%s' "$reasons" >&2
    # shellcheck disable=SC2086
    install $packages
    leave_stopped tgt tgt.service
    leave_stopped isc-dhcp-server isc-dhcp-server.service
    leave_stopped kea-dhcp4-server kea-dhcp4-server.service
    lines=$(missing "$@")
    if [ -n "$lines" ]; then
        die "still missing after the installation: $(printf '%s\n' "$lines" | cut -d'|' -f1,2 | tr '|\n' ' ,') (is a folder missing from PATH?)"
    fi
fi
if wanted "$@" | grep -q '^arch-test|'; then enable_architectures; fi
if [ -z "$quiet" ]; then say "all that is needed is here"; fi
