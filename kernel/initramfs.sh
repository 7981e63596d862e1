#!/bin/sh
# What the kernel carries inside: /init, the modules that not every boot needs, and folders.
set -eu
# shellcheck source=kernel/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: kernel/initramfs.sh TREE empty                    folders only: for a kernel that is compiled first
       kernel/initramfs.sh TREE modules                  compress what initramfs-modules and overlay-modules name
       kernel/initramfs.sh TREE overlay FILE             an archive of what overlay-modules adds to the initramfs
       kernel/initramfs.sh TREE pack INIT [PATH=FILE…]   folders, these modules, /init and more files

TREE is a build tree of kernel/build.sh (build.sh --tree) and locked by the caller; the archive is
TREE/bootwire/initramfs.cpio. What would not change is left untouched, so that it costs no relink.
PATH=FILE and PATH=link:TARGET are as in build.sh --help.
USAGE
}

# What the files name and what that needs, in load order: NAME FILE NAME: DEP…
list_wanted() { # FILE…
    sed '/^#/d; s/-/_/g' "$@" | awk -v other="$other" '
        FNR == NR { file[$1] = $2; n = NF; deps[$1] = ""; for (i = 3; i <= n; i++) deps[$1] = deps[$1] " " $i; next }
        function need(m, top,   i, n, d) {   # load order: what is needed comes first
            if (!(m in file)) { print "no module " m > "/dev/stderr"; exit 1 }
            n = split(deps[m], d, " ")
            for (i = 1; i <= n; i++) need(d[i], top)
            if ((top, m) in seen) return
            seen[top, m] = 1
            if (m != top) order[top] = order[top] " " m
            if (!(m in listed)) { listed[m] = 1; list[++count] = m }
        }
        NF && other && !($1 in file) { print "kernel: that tree has no module " $1 > "/dev/stderr"; next }
        NF { need($1, $1) }
        END {
            for (i = 1; i <= count; i++) need(list[i], list[i])
            for (i = 1; i <= count; i++) print list[i], file[list[i]], list[i] ":" order[list[i]]
        }' "$own/modules.all" - || die "$* name a module that was not built"
}

# What the files name, compressed, with an index for init.
stage_modules() { # FOLDER FILE…
    staged=$1
    shift
    wanted=$({ cat "$@" "$0" "$tree/include/config/kernel.release"; xz --version; } | sha256sum)
    if [ "$(cat "$staged.wanted" 2>/dev/null)" = "$wanted" ]; then return; fi
    say "compressing modules"
    rm -f "$staged.wanted"
    rm -rf "$staged" "$staged.new"
    mkdir "$staged.new"
    list_wanted "$@" >"$staged.list"
    sort "$staged.list" | while read -r name file line; do
        printf '%s\n' "$line"
        modinfo "$tree/$file" alias | sed "s/^\(.*\)$/alias \1 $name/"
        if [ -e "$own/modules/$name.ko.xz" ]; then
            cp "$own/modules/$name.ko.xz" "$staged.new/"
            continue
        fi
        aarch64-linux-gnu-strip --strip-unneeded -R .comment -o "$staged.new/$name.ko" "$tree/$file"
        # No BCJ filter: it makes branches that are still to be relocated worse.
        xz --format=xz --check=crc32 --lzma2=preset=9e,dict=2MiB,lc=1,lp=3,pb=3 --threads=1 "$staged.new/$name.ko"
    done >"$staged.new/index"
    mv "$staged.new" "$staged"
    printf '%s\n' "$wanted" >"$staged.wanted"
}

skeleton() {
    cat <<'LIST'
dir /dev 0755 0 0
nod /dev/console 0600 0 0 c 5 1
nod /dev/null 0666 0 0 c 1 3
dir /proc 0755 0 0
dir /sys 0755 0 0
dir /run 0755 0 0
dir /root 0700 0 0
dir /modules 0755 0 0
LIST
}

list_parents() { # PATH: `dir` lines for the folders above it
    case ${1%/*} in '' | /dev | /proc | /sys | /run | /root | /modules) return ;; esac
    list_parents "${1%/*}"
    printf 'dir %s 0755 0 0\n' "${1%/*}"
}

list_modules() {
    for module in "$own"/modules/*; do
        touch -d "@$epoch" "$module"
        printf 'file /modules/%s %s 0644 0 0\n' "${module##*/}" "$module"
    done
}

# For a boot with iscsi.overlay=ram: what the firmware loads beside the kernel, which unpacks it over its own.
pack_overlay() { # FILE
    {
        printf 'dir /modules 0755 0 0\n'
        for module in "$own"/modules.overlay/*; do
            name=${module##*/}
            if [ "$name" != index ] && [ -e "$own/modules/$name" ]; then continue; fi
            touch -d "@$epoch" "$module"
            printf 'file /modules/%s %s 0644 0 0\n' "$name" "$module"
        done
    } >"$own/list.new"
    make_cpio "$1" <"$own/list.new"
}

# The trees as they ship: for kexec, init compares them with what the firmware has made of one.
list_device_trees() {
    for dtb in $dtbs; do cat "$(dtb_file "$dtb")" || die "the kernel's build made no $dtb.dtb"; done >"$stage/device-trees"
    zstd -q --ultra -22 --no-progress --rm "$stage/device-trees" || die "cannot compress: apt-get install zstd"
    touch -d "@$epoch" "$stage/device-trees.zst"
    printf 'file /device-trees.zst %s 0644 0 0\n' "$stage/device-trees.zst"
}

list_file() { # PATH FILE NAME: a copy, stripped if it is a program, is kept in stage/ under that name
    [ -r "$2" ] || die "no file $2 for $1 in the initramfs"
    if [ "$(head -c 4 "$2" | tail -c 3)" = ELF ]; then
        aarch64-linux-gnu-strip -o "$stage/$3" "$2" || die "$2 is not an arm64 program"
    else
        cp "$2" "$stage/$3"
    fi
    touch -d "@$epoch" "$stage/$3"
    printf 'file %s %s 0755 0 0\n' "$1" "$stage/$3"
}

list_more() { # PATH=FILE…
    number=0
    for entry in "$@"; do
        path=${entry%%=*} from=${entry#*=}
        case $path in /*) ;; *) path=/$path ;; esac
        list_parents "$path"
        number=$((number + 1))
        case $from in
        link:*) printf 'slink %s %s 0777 0 0\n' "$path" "${from#link:}" ;;
        *) list_file "$path" "$from" "$number" ;;
        esac
    done
}

make_cpio() { # FILE: what gen_init_cpio makes of the list on standard input
    awk '$1 != "dir" || !seen[$2]++' >"$own/list"
    [ -x "$own/gen_init_cpio" ] || gcc -O1 -o "$own/gen_init_cpio" "$tree/usr/gen_init_cpio.c" ||
        die "cannot compile programs for this machine: apt-get install gcc libc6-dev"
    "$own/gen_init_cpio" -t "$epoch" "$own/list" >"$1" || die "cannot make the initramfs"
}

put_archive() { # of initramfs.new
    if cmp -s "$own/initramfs.new" "$own/initramfs.cpio"; then
        rm "$own/initramfs.new"
    else
        mv "$own/initramfs.new" "$own/initramfs.cpio"
    fi
}

# A quarter smaller than what Image.gz makes of it. The kernel takes archives one behind the other, compressed
# ones among them (init/initramfs.c).
compress_code() {
    filter=
    if grep -qx CONFIG_XZ_DEC_ARM64=y "$tree/.config"; then filter=--arm64; fi # not in kernels before 6.12
    # shellcheck disable=SC2086
    xz --format=xz --check=crc32 $filter --lzma2=preset=9e,dict=2MiB,lc=2,lp=2,pb=2 --threads=1
}

pack() { # INIT PATH=FILE…
    stage=$own/stage
    rm -rf "$stage"
    mkdir "$stage"
    init=$1
    shift
    {
        skeleton
        list_modules
        list_device_trees
        list_more "$@"
    } >"$own/list.new"
    list_file /init "$init" init >"$own/list.init"
    size=$(stat -c %s "$stage/init")
    [ "$size" -le $init_budget ] || die "init is $size bytes stripped, the budget is $init_budget"
    make_cpio "$own/initramfs.new" <"$own/list.new"
    make_cpio "$own/init.cpio" <"$own/list.init"
    compress_code <"$own/init.cpio" >>"$own/initramfs.new"
    put_archive
}

case ${1:-} in
-h | --help | help) usage; exit 0 ;;
esac
[ $# -ge 2 ] || { usage >&2; exit 2; }
tree=$1
own=$tree/bootwire
[ -d "$own" ] || die "$tree is no build tree: see kernel/build.sh --tree"
epoch=$(tree_epoch)
other=
if [ -e "$own/trees" ]; then # of another source than Debian's
    other=yes
    dtbs=$(cat "$own/trees")
fi
verb=$2
shift 2
case $verb,$# in
empty,0)
    skeleton | make_cpio "$own/initramfs.new"
    put_archive
    ;;
modules,0)
    stage_modules "$own/modules" "$kernel/initramfs-modules"
    stage_modules "$own/modules.overlay" "$kernel/initramfs-modules" "$kernel/overlay-modules"
    ;;
overlay,1) pack_overlay "$1" ;;
pack,0) usage >&2; exit 2 ;;
pack,*) pack "$@" ;;
*) usage >&2; exit 2 ;;
esac
