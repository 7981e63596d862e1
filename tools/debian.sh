#!/bin/sh
# Debian packages of any suite and architecture, without touching the machine:
# a private apt configuration fetches them, kernel/inputs.lock says which version.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
lock=${BOOTWIRE_LOCK:-$root/kernel/inputs.lock}
own_suites="bookworm trixie" # releases a build machine may run; each has lock lines

usage() {
    cat <<'USAGE'
usage: tools/debian.sh mirror
       tools/debian.sh fetch  SUITE ARCH PACKAGE…       print the paths of the .debs, or .dscs
       tools/debian.sh unpack SUITE ARCH DIR PACKAGE…   and extract them into DIR
       tools/debian.sh relock [SUITE ARCH PACKAGE…]     newest versions into the lock file;
                                                        with arguments, add these packages

SUITE  a suite of Debian's archive, or `own`: the release this machine runs; with another component
       than main behind a slash: forky/non-free-firmware
ARCH   arm64, amd64, …, or `all` for packages without machine code; `source` for what packages are
       made of, which unpack puts into DIR by itself, with Debian's patches applied

BOOTWIRE_MIRROR  URI of a Debian archive; default: the one apt on this machine uses
BOOTWIRE_CACHE   default: $XDG_CACHE_HOME/bootwire or ~/.cache/bootwire

What kernel/inputs.lock names is taken in exactly that version, and without any network
access once it is in the cache. A version that has left the archive is replaced by the
newest one there, with a warning.
USAGE
}

die() {
    printf 'debian.sh: %s\n' "$*" >&2
    exit 1
}

# shellcheck source=tools/cache.sh
. "$root/tools/cache.sh"
debs=$cache/debs

loud() {
    printf '\n*** debian.sh: %s\n\n' "$*" >&2
}

own_codename() {
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    [ -n "$codename" ] || die "/etc/os-release names no release; give a SUITE instead of 'own'"
    printf '%s\n' "$codename"
}

resolve_suite() {
    if [ "$1" = own ]; then own_codename; else printf '%s\n' "$1"; fi
}

# The archive of the machine's own release: by its suite and component, not by its host.
mirror() {
    if [ -n "${BOOTWIRE_MIRROR:-}" ]; then
        printf '%s\n' "${BOOTWIRE_MIRROR%/}"
        return
    fi
    command -v apt-get >/dev/null || die "no apt-get on this machine: build on Debian 12 or 13"
    # shellcheck disable=SC1091
    id=$(. /etc/os-release && printf '%s' "${ID:-}")
    uri=
    if [ "$id" = debian ]; then
        # shellcheck disable=SC2016
        uri=$(apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)' 2>/dev/null |
            awk -v own="$(own_codename)" '
                $1 == "Packages" && $2 == "main" && ($3 == own || $3 ~ /^(stable|oldstable|testing|unstable|sid)$/) &&
                $4 !~ /security/ && $4 !~ /^cdrom:/ { sub("/$", "", $4); print $4; exit }')
    fi
    [ -n "$uri" ] || die "apt on this machine names no Debian archive; set BOOTWIRE_MIRROR to the URI of one"
    printf '%s\n' "$uri"
}

# lock_field SUITE ARCH PACKAGE -> "version sha256", empty if not locked
lock_field() {
    [ -e "$lock" ] || return 0
    awk -v s="$1" -v a="$2" -v p="$3" '$1 == s && $2 == a && $3 == p { print $4, $5; exit }' "$lock"
}

sha256() { sha256sum "$1" | cut -d' ' -f1; }

# deb_name PACKAGE VERSION ARCH: the name apt-get download gives a file
deb_name() { printf '%s_%s_%s.deb\n' "$1" "$(printf '%s' "$2" | sed 's/:/%3a/g')" "$3"; }

# source_files DSC: what the .dsc is about, "sha256 name" in a line
source_files() {
    awk '/^[^ ]/ { inside = 0 } /^Checksums-Sha256:/ { inside = 1; next } inside && NF == 3 { print $1, $3 }' "$1"
}

# is_complete DSC: are the files there that it is about, and are they those?
is_complete() {
    [ -n "$(source_files "$1")" ] || return 1
    source_files "$1" | while read -r sum name; do
        case $name in */*) exit 1 ;; esac
        if [ ! -e "${1%/*}/$name" ] || [ "$(sha256 "${1%/*}/$name")" != "$sum" ]; then exit 1; fi
    done
}

# cached PACKAGE VERSION SHA256 ARCH -> $file, if the cache has that very one
cached() {
    if [ "$4" = source ]; then
        file=$debs/${1}_${2#*:}.dsc
        [ -e "$file" ] && [ "$(sha256 "$file")" = "$3" ] && is_complete "$file"
        return
    fi
    for file in "$debs/$(deb_name "$1" "$2" "$4")" "$debs/$(deb_name "$1" "$2" all)"; do
        if [ -e "$file" ] && [ "$(sha256 "$file")" = "$3" ]; then return 0; fi
    done
    return 1
}

need() {
    for tool; do
        command -v "$tool" >/dev/null || die "no $tool on this machine: apt-get install $tool"
    done
}

# One fetch at a time per cache; others wait.
take_lock() {
    make_cache
    mkdir -p "$debs" 2>/dev/null || die "cannot create $debs: set BOOTWIRE_CACHE to a writable directory"
    exec 9>"$debs/.lock" || die "cannot write to $debs: set BOOTWIRE_CACHE to a writable directory"
    flock 9
    work=$debs/.new.$$
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    rm -rf "$debs"/.new.*
    mkdir "$work" 2>/dev/null || die "cannot write to $debs: is the disk full?"
}

# as_name SUITE: as a part of a file's name
as_name() { printf '%s\n' "$1" | tr / +; }

# use_archive SUITE ARCH: a private apt world for one suite and architecture
use_archive() {
    need apt-get apt-cache dpkg
    keyring=
    for ring in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
        if [ -r "$ring" ]; then keyring=$ring; break; fi
    done
    [ -n "$keyring" ] || die "Debian's archive keys are missing: apt-get install debian-archive-keyring"
    uri=$(mirror) || exit 1
    native=$2
    kind=deb index=Packages
    case $native in
    all) native=$(dpkg --print-architecture) ;;
    source) kind=deb-src index=Sources ;;
    esac
    apt=$cache/apt/$(as_name "$1")-$native
    if [ "$native" = source ]; then native=$(dpkg --print-architecture); fi
    case $1 in */*) component=${1#*/} ;; *) component=main ;; esac
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/etc/empty" ||
        die "cannot write to $apt: is the disk full?"
    : >"$apt/state/status"
    printf '%s [arch=%s signed-by=%s target=%s lang=none] %s %s %s\n' "$kind" "$native" "$keyring" "$index" "$uri" \
        "${1%%/*}" "$component" >"$apt/etc/sources.list"
    # Read after the machine's own files, so that its proxies stay in force.
    cat >"$apt/etc/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
APT::Architecture "$native";
#clear APT::Architectures;
APT::Architectures { "$native"; };
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Dir::State "$apt/state";
Dir::State::lists "$apt/state/lists";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
Dir::Cache::archives "$apt/cache/archives";
Dir::Log "$apt/state";
Dir::Etc::sourcelist "$apt/etc/sources.list";
Dir::Etc::sourceparts "$apt/etc/empty";
Dir::Etc::preferences "$apt/etc/none";
Dir::Etc::preferencesparts "$apt/etc/empty";
CONF
}

apt_failed() { # WHAT LOG
    if grep -q 'No space left' "$2"; then
        die "$1: the disk that holds $cache is full; free some space and run this again"
    fi
    die "$1: $(sed -n 's/^[EW]: *//p' "$2" | head -n 1) (archive: $uri; check the network, or set BOOTWIRE_MIRROR)"
}

refresh() {
    if [ "${refreshed:-}" = "$apt" ]; then return; fi
    printf 'debian.sh: reading the package list of %s\n' "${apt##*/}" >&2
    apt-get -c "$apt/etc/apt.conf" update >"$work/log" 2>&1 || apt_failed "cannot read the package list" "$work/log"
    refreshed=$apt
}

# The lists' versions of a package, newest first: "version sha256 arch"; of a source, the .dsc's sum.
# A suite has one version of a source, beside older ones that it keeps for others' sake.
versions() {
    if [ "$kind" = deb-src ]; then
        apt-cache -c "$apt/etc/apt.conf" --only-source showsrc "$1" 2>/dev/null | awk -v p="$1" '
            function out() { if (name == p && sum && !kept) print version, sum, "source"; version = sum = name = kept = inside = "" }
            /^[^ ]/ { inside = 0 } /^Package: / { name = $2 } /^Version: / { version = $2 } /^Extra-Source-Only: yes/ { kept = 1 }
            /^Checksums-Sha256:/ { inside = 1 } inside && $3 ~ /\.dsc$/ { sum = $1 } /^$/ { out() } END { out() }' || true
        return
    fi
    apt-cache -c "$apt/etc/apt.conf" show "$1" 2>/dev/null | awk -v p="$1" '
        function out() { if (name == p && sum) print version, sum, arch; version = sum = arch = name = "" }
        /^Package: / { name = $2 } /^Version: / { version = $2 } /^SHA256: / { sum = $2 }
        /^Architecture: / { arch = $2 } /^$/ { out() } END { out() }' || true
}

# linux-source-7.3 has gone: the newest linux-source-N.M there is
newest_of_series() {
    stem=$(printf '%s\n' "$1" | sed -n 's/-[0-9][0-9.]*$//p')
    [ -n "$stem" ] || return 0
    apt-cache -c "$apt/etc/apt.conf" pkgnames "$stem-" 2>/dev/null |
        awk -v stem="$stem-" 'substr($0, length(stem) + 1) ~ /^[0-9][0-9.]*$/' | sort -V | tail -n 1
}

# download PACKAGE VERSION SHA256 ARCH -> $file
download() {
    if [ "$4" = source ]; then
        download_source "$1" "$2" "$3"
        return
    fi
    file=$debs/$(deb_name "$1" "$2" "$4")
    if [ -e "$file" ] && [ "$(sha256 "$file")" = "$3" ]; then return; fi
    printf 'debian.sh: downloading %s %s\n' "$1" "$2" >&2
    rm -f "$work"/*.deb
    (cd "$work" && apt-get -c "$apt/etc/apt.conf" download "$1=$2") >"$work/log" 2>&1 ||
        apt_failed "cannot download $1 $2" "$work/log"
    set -- "$1" "$2" "$3" "$work"/*.deb
    [ -e "$4" ] || die "apt-get downloaded no file for $1 $2; see $apt"
    [ "$(sha256 "$4")" = "$3" ] || die "$1 $2 does not have the SHA-256 $3"
    mv -f "$4" "$file"
}

# download_source PACKAGE VERSION SHA256 -> $file
download_source() {
    if cached "$1" "$2" "$3" source; then return; fi
    printf 'debian.sh: downloading the source of %s %s\n' "$1" "$2" >&2
    mkdir "$work/source"
    (cd "$work/source" && apt-get -c "$apt/etc/apt.conf" source --only-source --download-only "$1=$2") >"$work/log" 2>&1 ||
        apt_failed "cannot download the source of $1 $2" "$work/log"
    new=$work/source/${file##*/}
    [ -e "$new" ] || die "apt-get downloaded no ${file##*/}; see $apt"
    [ "$(sha256 "$new")" = "$3" ] || die "${file##*/} does not have the SHA-256 $3"
    is_complete "$new" || die "${file##*/} and the files it is about do not fit"
    source_files "$new" | while read -r sum name; do mv -f "$work/source/$name" "$debs/$name"; done
    mv -f "$new" "$file"
    rm -rf "$work/source"
}

# fetch_one SUITE ARCH PACKAGE -> $file
fetch_one() {
    suite=$1 arch=$2 package=$3
    locked=$(lock_field "$suite" "$arch" "$package")
    version=${locked% *} sum=${locked#* }
    note=$debs/$(as_name "$suite").$arch.$package.instead # what replaced a vanished version
    if [ -n "$locked" ]; then
        if cached "$package" "$version" "$sum" "$arch"; then return; fi
        if [ -e "$note" ]; then
            read -r of instead_file instead_sum <"$note"
            file=$debs/$instead_file
            if [ "$of" = "$version" ] && [ -e "$file" ] && [ "$(sha256 "$file")" = "$instead_sum" ]; then
                loud "$suite has no $package $version any more: using $instead_file (tools/debian.sh relock accepts it)"
                return
            fi
        fi
    fi

    use_archive "$suite" "$arch"
    if [ -n "$locked" ]; then
        found=$(versions "$package" | awk -v v="$version" '$1 == v { print; exit }')
        if [ -z "$found" ]; then
            refresh
            found=$(versions "$package" | awk -v v="$version" '$1 == v { print; exit }')
        fi
        if [ -n "$found" ]; then
            # shellcheck disable=SC2086
            set -- $found
            [ "$2" = "$sum" ] ||
                die "$package $version in $suite has SHA-256 $2, kernel/inputs.lock says $sum: not the same file, not used"
            download "$package" "$version" "$sum" "$3"
            return
        fi
    else
        refresh
    fi

    found=$(versions "$package" | head -n 1)
    if [ -z "$found" ]; then
        newer=$(newest_of_series "$package")
        [ -n "$newer" ] || die "$suite has no package $package for $arch (archive: $uri)"
        package=$newer
        found=$(versions "$package" | head -n 1)
    fi
    # shellcheck disable=SC2086
    set -- $found
    if [ -n "$locked" ]; then
        loud "$suite has no $note_package $version any more: using $package $1 instead (tools/debian.sh relock accepts it)"
    else
        loud "$package ($suite, $arch) is not in kernel/inputs.lock: using the newest, $1 $2"
    fi
    download "$package" "$1" "$2" "$3"
    if [ -n "$locked" ]; then
        printf '%s %s %s\n' "$version" "${file##*/}" "$2" >"$work/note"
        mv -f "$work/note" "$note"
    fi
}

fetch() { # SUITE ARCH PACKAGE… ; calls `each FILE` for every package
    [ $# -ge 3 ] || { usage >&2; exit 2; }
    need sha256sum flock awk
    fetch_suite=$(resolve_suite "$1") || exit 1
    fetch_arch=$2
    shift 2
    take_lock
    for note_package; do
        fetch_one "$fetch_suite" "$fetch_arch" "$note_package"
        each "$file"
    done
}

unpack_into() { # FILE; extracts once into $target
    done_list=$target/.unpacked
    line="${1##*/} $(sha256 "$1")"
    if [ -e "$done_list" ] && grep -qxF -- "$line" "$done_list"; then return; fi
    case $1 in *.dsc)
        unpack_source "$1"
        return
        ;;
    esac
    dpkg-deb -x "$1" "$target" 2>"$work/log" ||
        die "cannot unpack ${1##*/} into $target: $(tail -n 1 "$work/log") (is the disk full?)"
    printf '%s\n' "$line" >>"$done_list"
}

# unpack_source DSC: what upstream has released, and Debian's patches in their order. $target is this
# source's alone: what an older version left there goes.
unpack_source() {
    need tar xz patch
    grep -qxF 'Format: 3.0 (quilt)' "$1" || die "${1##*/}: only sources in the format 3.0 (quilt) are understood"
    if [ ! -e "$done_list" ] && [ -n "$(ls -A "$target")" ]; then
        die "$target has something else in it: name an empty directory for the source ${1##*/}"
    fi
    tree=$work/tree
    rm -rf "$tree"
    mkdir "$tree"
    for name in $(source_files "$1" | sed -n 's/^[^ ]* //; /\.orig\.tar\./p' ) $(source_files "$1" | sed -n 's/^[^ ]* //; /\.debian\.tar\./p'); do
        strip=0
        case $name in *.orig.tar.*) strip=1 ;; esac
        tar -xf "${1%/*}/$name" -C "$tree" --strip-components=$strip --no-same-owner 2>"$work/log" ||
            die "cannot unpack $name: $(tail -n 1 "$work/log") (is the disk full?)"
    done
    if [ -e "$tree/debian/patches/series" ]; then
        sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$tree/debian/patches/series" >"$work/series"
        while read -r change; do
            patch -d "$tree" -p1 --batch --forward --silent --no-backup-if-mismatch <"$tree/debian/patches/$change" >"$work/log" 2>&1 ||
                die "${1##*/}: Debian's $change does not apply: $(head -n 1 "$work/log")"
        done <"$work/series"
    fi
    printf '%s\n' "$line" >"$tree/.unpacked"
    rm -rf "$target"
    mv "$tree" "$target" || die "cannot write to $target"
}

relock() {
    need sha256sum flock awk apt-get
    take_lock
    [ -e "$lock" ] || : >"$lock"
    sed -n '/^#/p' "$lock" >"$work/head"
    sed '/^#/d; /^$/d' "$lock" | cut -d' ' -f1-3 >"$work/wanted"
    if [ $# -gt 0 ]; then
        [ $# -ge 3 ] || { usage >&2; exit 2; }
        suites=$1 arch=$2
        shift 2
        if [ "$suites" = own ]; then suites=$own_suites; fi
        for suite in $suites; do
            for package; do printf '%s %s %s\n' "$suite" "$arch" "$package"; done
        done >>"$work/wanted"
    fi
    sort -u "$work/wanted" | while read -r suite arch package; do
        use_archive "$suite" "$arch"
        refresh
        found=$(versions "$package" | head -n 1)
        [ -n "$found" ] || die "$suite has no package $package for $arch; take its line out of $lock or name its successor"
        newest=$(newest_of_series "$package")
        if [ -n "$newest" ] && [ "$newest" != "$package" ]; then
            printf 'debian.sh: %s also has %s (locked: %s)\n' "$suite" "$newest" "$package" >&2
        fi
        # shellcheck disable=SC2086
        set -- $found
        printf '%s %s %s %s %s\n' "$suite" "$arch" "$package" "$1" "$2"
    done >"$work/lines"
    [ -s "$work/lines" ] || die "nothing to lock"
    cat "$work/head" "$work/lines" >"$work/lock"
    cp "$work/lock" "$lock.new" && mv -f "$lock.new" "$lock"
    rm -f "$debs"/*.instead
}

verb=${1:-}
[ $# -eq 0 ] || shift
case $verb in
mirror) mirror ;;
fetch)
    each() { printf '%s\n' "$1"; }
    fetch "$@"
    ;;
unpack)
    [ $# -ge 4 ] || { usage >&2; exit 2; }
    unpack_suite=$1 unpack_arch=$2 target=$3
    shift 3
    need dpkg-deb
    mkdir -p "$target" || die "cannot create $target"
    each() { unpack_into "$1"; }
    fetch "$unpack_suite" "$unpack_arch" "$@"
    ;;
relock) relock "$@" ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
