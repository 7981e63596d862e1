#!/bin/sh
# The kernel with the initramfs inside: one Image.gz, and the device trees.
set -eu

# shellcheck source=kernel/common.sh
. "$(dirname -- "$0")/common.sh"

root=$(dirname -- "$kernel")
# shellcheck source=tools/cache.sh
. "$root/tools/cache.sh"
# shellcheck source=kernel/other_source.sh
. "$kernel/other_source.sh"
# shellcheck source=kernel/debian_configs.sh
. "$kernel/debian_configs.sh"
# shellcheck source=kernel/make.sh
. "$kernel/make.sh"
# shellcheck source=kernel/modules.sh
. "$kernel/modules.sh"
jobs=${BOOTWIRE_JOBS:-$(nproc)}
trees_kept=3

usage() {
    cat <<'USAGE'
usage: kernel/build.sh INIT [OUT_DIR] [PATH=FILE…]  Image.gz, dtbs/*.dtb, overlays/*.dtbo, kernel.config and
                                                    Debian's, debian-*.config, in OUT_DIR (out)
       kernel/build.sh --modules all|LIST INIT …    besides: modules.sqfs with all modules, or those of a list (and
                                                    what they need), whose SHA-256 Image.gz then carries, and
                                                    bootwire-modules_VERSION_arm64.deb with the same
       kernel/build.sh --module NAME [OUT_DIR]      OUT_DIR/modules/NAME.ko for the same kernel
       kernel/build.sh --prepare                    all that does not depend on INIT
       kernel/build.sh --sizes [OUT_DIR]            what the last build weighs
       kernel/build.sh --tree                       the path of the build tree

INIT       static arm64 binary, becomes /init; stripped if it is not
PATH=FILE  one more file of the initramfs, executable, its folders are made: /keeper=out/keeper
           PATH=link:TARGET makes a symbolic link

BOOTWIRE_CACHE   sources and build trees; default $XDG_CACHE_HOME/bootwire or ~/.cache/bootwire
BOOTWIRE_MIRROR  URI of a Debian archive; default: the one apt on this machine uses
BOOTWIRE_JOBS    default: the number of processors
BOOTWIRE_KERNEL_SOURCE  the folder of another kernel's source, in place of Debian's: it is copied, and
                 symbols, patches, modules that it has not are named and left out

The build tree is kept in the cache, by source version, configuration, patches and compiler:
a new INIT costs a relink.
USAGE
}

need_tools() {
    missing=
    while read -r tool package; do
        command -v "$tool" >/dev/null || missing="$missing $package"
    done <<'TOOLS'
make make
gcc gcc
aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
ld.lld-19 lld-19
bc bc
bison bison
flex flex
patch patch
perl perl
xz xz-utils
libdeflate-gzip libdeflate-tools
flock util-linux
dpkg-deb dpkg
depmod kmod
mksquashfs squashfs-tools
TOOLS
    [ -z "$missing" ] || die "programs are missing: apt-get install$missing"
}

# Debian's linux-source, and from all that goes into the kernel a key for its build tree.
find_tree() {
    if [ -n "$other_source" ]; then
        find_other_tree
    else
        find_debian_tree
    fi
    # Modules have no versions of symbols in them, so that the name tells which kernel they are for.
    own_version=-$(printf '%s' "$key" | sha256sum | cut -c1-8)
}

find_debian_tree() {
    source_deb=$("$root/tools/debian.sh" fetch trixie-backports all linux-source-7.3) || exit 1
    base=$({
        basename "$source_deb"
        cat "$kernel"/patches/*.patch
        aarch64-linux-gnu-gcc --version
        "$linker" --version
        printf '%s\n' "$compiler_flags"
        echo 1 # raise when this script prepares trees in another way
    } | sha256sum | cut -c1-8)
    key=$base-$(cat "$kernel"/*.config | sha256sum | cut -c1-8)
    tree=$cache/kernel/$key
}

lock_tree() {
    make_cache
    mkdir -p "$cache/kernel" || die "cannot write to $cache: set BOOTWIRE_CACHE"
    exec 8>"$cache/kernel/$key.lock" || die "cannot write to $cache/kernel: set BOOTWIRE_CACHE"
    flock -n 8 || {
        say "another build of this kernel is running; waiting for it"
        flock 8
    }
}

unpack_source() {
    rm -rf "$tree.new"
    mkdir "$tree.new"
    if [ -n "$other_source" ]; then
        copy_other_source
        mv "$tree.new" "$tree"
        return
    fi
    say "unpacking $(basename "$source_deb") and applying our patches"
    dpkg-deb --fsys-tarfile "$source_deb" | tar -xf - -C "$tree.new" --wildcards './usr/src/linux-source-*.tar.xz' ||
        die "cannot unpack $source_deb: is the disk that holds $cache full?"
    xz -dc -T0 "$tree.new"/usr/src/linux-source-*.tar.xz |
        tar -xf - -C "$tree.new" --strip-components=1 ||
        die "cannot unpack $source_deb: is the disk that holds $cache full?"
    rm -r "$tree.new/usr/src"
    for patch in "$kernel"/patches/*.patch; do
        patch -d "$tree.new" -p1 -s -N --no-backup-if-mismatch -i "$patch" >"$cache/kernel/patch.log" 2>&1 ||
            die "$(basename "$patch") does not apply to $(basename "$source_deb"): $(head -n 1 "$cache/kernel/patch.log")"
    done
    mkdir "$tree.new/bootwire"
    mv "$tree.new" "$tree"
}

# Every line of the fragments must have come out as it stands there.
configure() {
    say "configuring"
    cat "$kernel"/*.config >"$tree/bootwire/wanted.config"
    kmake -s KCONFIG_ALLCONFIG=bootwire/wanted.config allnoconfig >"$tree/bootwire/config.log" 2>&1 ||
        die "make allnoconfig failed; the whole log: $tree/bootwire/config.log"
    awk '
        function off(name) { return "# " name " is not set" }
        FNR == NR { if (/^CONFIG_/) { split($0, a, "="); have[a[1]] = $0 } next }
        /^CONFIG_/ { name = $0; sub(/=.*/, "", name); want[name] = $0; if ($0 == name "=n") want[name] = off(name) }
        /^# CONFIG_[A-Za-z0-9_]+ is not set/ { want[$2] = off($2) }
        END {
            for (name in want) {
                is = name in have ? have[name] : off(name)
                if (is != want[name]) { print "wanted " want[name] ", got " is; bad = 1 }
            }
            exit bad
        }' "$tree/.config" "$tree/bootwire/wanted.config" >"$tree/bootwire/config.log" || {
        if [ -n "$other_source" ]; then
            find_what_is_missing <"$tree/bootwire/config.log"
            return
        fi
        cat "$tree/bootwire/config.log" >&2
        rm -f "$tree/.config"
        die "the configuration did not come out as the fragments in kernel/ ask"
    }
}

# The source with our patches: unpacked, or copied with all that is compiled.
make_tree() {
    # shellcheck disable=SC2012
    sibling=$(ls -t "$cache/kernel/$base"-*/bootwire/done 2>/dev/null | head -n 1)
    if [ -z "$sibling" ]; then
        unpack_source
        return
    fi
    say "starting from a tree that differs in its configuration only"
    rm -rf "$tree.new"
    cp -a --reflink=auto "${sibling%/bootwire/done}" "$tree.new" || die "cannot write to $cache: is the disk full?"
    rm -rf "$tree.new/bootwire/done" "$tree.new"/bootwire/modules.* "$tree.new/.config"
    mv "$tree.new" "$tree"
}

compile() {
    "$kernel/initramfs.sh" "$tree" empty || exit 1
    resumed=
    if [ -e "$tree/.config" ]; then resumed=yes; else configure; fi
    targets=
    for dtb in $dtbs; do is_ours "$dtb" || targets="$targets broadcom/$dtb.dtb"; done
    counted=image
    say "compiling $(basename "$source_deb" .deb) with $jobs jobs (log: $tree/bootwire/make.log)"
    # shellcheck disable=SC2086
    if [ -n "$resumed" ] && ! try_make "$tree/bootwire/make.log" Image $targets; then
        say "what an interrupted build left does not compile: starting over"
        kmake -s clean >"$tree/bootwire/make.log" 2>&1 || true
    fi
    # shellcheck disable=SC2086
    run_make "$tree/bootwire/make.log" Image $targets
    count_steps "$tree/bootwire/make.log"
    : >"$tree/bootwire/done"
}

# As the kernel's build does it, on its includes; labels are kept for overlays.
compile_own_trees() {
    mkdir -p "$tree/bootwire/dtbs"
    for dtb in $dtbs; do
        is_ours "$dtb" || continue
        from=$kernel/dts/$dtb.dts
        if ! {
            gcc -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I "$tree/scripts/dtc/include-prefixes" \
                -I "$tree/$dtb_folder" -o "$tree/bootwire/dtbs/$dtb.tmp" "$from" &&
                "$tree/scripts/dtc/dtc" -q -@ -I dts -O dtb -b 0 -o "$tree/bootwire/dtbs/$dtb.dtb" \
                    "$tree/bootwire/dtbs/$dtb.tmp"
        } >"$tree/bootwire/dtbs.log" 2>&1; then
            die "cannot compile $from: $(grep -m 1 -i error "$tree/bootwire/dtbs.log")"
        fi
    done
}

prepare() {
    find_tree
    lock_tree
    if [ ! -e "$tree" ]; then make_tree; fi
    epoch=$(tree_epoch)
    if [ ! -e "$tree/bootwire/done" ]; then compile; fi
    touch "$tree/bootwire/done"
    say_what_is_missing
    compile_own_trees
    # shellcheck disable=SC2046
    need_modules "kernel/initramfs-modules or overlay-modules" $(names_in "$kernel/initramfs-modules") $(names_in "$kernel/overlay-modules")
    "$kernel/initramfs.sh" "$tree" modules || exit 1
    forget_old_trees
}

forget_old_trees() {
    # shellcheck disable=SC2012
    ls -t "$cache"/kernel/*/bootwire/done 2>/dev/null | tail -n +$((trees_kept + 1)) | while read -r stamp; do
        old=${stamp%/bootwire/done}
        if (flock -n 7) 7>"$old.lock"; then rm -rf "$old" "$old.lock"; fi
    done
}

compress() { # Image to a gzip file that depends on nothing but its bytes
    libdeflate-gzip -12 -c <"$1"
}

sizes() {
    [ -e "$1/sizes" ] || die "nothing is built in $1 yet"
    cat "$1/sizes"
}

build() { # OUT_DIR INIT PATH=FILE…; $packed is none, all or a list of modules
    out=$1
    shift
    [ -r "$1" ] || die "no file $1"
    mkdir -p "$out" || die "cannot create $out"
    out=$(CDPATH='' cd -- "$out" && pwd)
    prepare
    if [ "$packed" = all ]; then
        compile_all_modules
    elif [ "$packed" != none ]; then
        # shellcheck disable=SC2046
        need_modules "$packed" $(names_in "$packed")
    fi
    if [ "$packed" != none ]; then
        pack_modules "$packed"
        set -- "$@" "/modules/sha256=$tree/bootwire/modules.sha256"
    fi
    "$kernel/initramfs.sh" "$tree" pack "$@" || exit 1
    init_size=$(stat -c %s "$tree/bootwire/stage/init")
    say "linking the kernel with its initramfs"
    counted=
    run_make "$tree/bootwire/link.log" Image
    image=$tree/arch/arm64/boot/Image
    say "compressing"
    rm -rf "$out/.new"
    unfinished=$out/.new
    mkdir -p "$out/.new/dtbs" "$out/.new/overlays"
    compress "$image" >"$out/.new/Image.gz" || die "cannot write to $out: is the disk full?"
    for dtb in $dtbs; do
        cp "$(dtb_file "$dtb")" "$out/.new/dtbs/" || die "cannot write to $out: is the disk full?"
    done
    for overlay in "$kernel"/overlays/*.dtso; do
        "$tree/scripts/dtc/dtc" -q -@ -I dts -O dtb -o "$out/.new/overlays/$(basename "$overlay" .dtso).dtbo" "$overlay" ||
            die "cannot compile $overlay (or write to $out)"
    done
    "$kernel/initramfs.sh" "$tree" overlay "$out/.new/overlay.cpio" || exit 1
    cp "$tree/.config" "$out/.new/kernel.config" || die "cannot write to $out: is the disk full?"
    [ -n "$other_source" ] || write_debian_configs "$out/.new"
    size=$(stat -c %s "$out/.new/Image.gz")
    {
        printf '%9d  Image.gz, of %d allowed (%d left)\n' "$size" $image_budget $((image_budget - size))
        printf '%9d  Image\n' "$(stat -c %s "$image")"
        printf '%9d  init, of %d allowed\n' "$init_size" $init_budget
        printf '%9d  initramfs\n' "$(stat -c %s "$tree/bootwire/initramfs.cpio")"
        printf '%9d  device trees in it\n' "$(stat -c %s "$tree/bootwire/stage/device-trees.zst")"
        printf '%9d  modules in it:\n' "$(cat "$tree"/bootwire/modules/*.xz | wc -c)"
        for module in "$tree"/bootwire/modules/*.xz; do
            printf '%9d    %s\n' "$(stat -c %s "$module")" "$(basename "$module" .ko.xz)"
        done | sort -rn
        printf '%9d  overlay.cpio, for iscsi.overlay=ram\n' "$(stat -c %s "$out/.new/overlay.cpio")"
        if [ "$packed" != none ]; then
            printf '%9d  modules.sqfs, of %d modules\n' "$(stat -c %s "$tree/bootwire/modules.sqfs")" "$(to_pack "$packed" | wc -l)"
        fi
    } >"$out/.new/sizes"
    if [ "$size" -gt $image_budget ] && [ -z "$other_source" ]; then
        cat "$out/.new/sizes" >&2
        die "Image.gz is larger than its budget of $image_budget bytes"
    fi
    for folder in dtbs overlays; do
        mkdir -p "$out/$folder"
        for file in "$out/.new/$folder"/*; do mv -f "$file" "$out/$folder/"; done
    done
    mv -f "$out/.new/sizes" "$out/sizes"
    mv -f "$out"/.new/*.config "$out/"
    mv -f "$out/.new/overlay.cpio" "$out/overlay.cpio"
    put_modules
    mv -f "$out/.new/Image.gz" "$out/Image.gz"
    rm -rf "$out/.new"
    say "$out/Image.gz: $size bytes, of $image_budget allowed; init: $init_size"
}

# Image.gz takes this modules.sqfs and no other: one of another build goes.
put_modules() {
    if [ "$packed" = none ] && [ -e "$out/modules.sqfs" ]; then
        say "$out/modules.sqfs goes, as this Image.gz would not take it: ./bootwire build --modules makes both"
    fi
    rm -f "$out/modules.sqfs" "$out"/bootwire-modules_*.deb
    if [ "$packed" != none ]; then
        cp "$tree/bootwire/modules.sqfs" "$out/.new/modules.sqfs" || die "cannot write to $out: is the disk full?"
        cp "$tree/bootwire/modules.deb" "$out/bootwire-modules_${package_version}_arm64.deb" ||
            die "cannot write to $out: is the disk full?"
        mv -f "$out/.new/modules.sqfs" "$out/modules.sqfs"
    fi
}

lab_module() { # NAME OUT_DIR
    prepare
    name=$(printf '%s' "$1" | tr - _)
    need_modules kernel/lab.config "$name"
    file=$(awk -v m="$name" '$1 == m { print $2 }' "$tree/bootwire/modules.all")
    [ -n "$file" ] || die "no module $1: ask for it in kernel/lab.config"
    mkdir -p "$2/modules" || die "cannot create $2/modules"
    aarch64-linux-gnu-strip --strip-debug -o "$2/modules/.$name.new" "$tree/$file" || die "cannot write to $2/modules"
    mv -f "$2/modules/.$name.new" "$2/modules/$name.ko"
    printf '%s\n' "$2/modules/$name.ko"
}

packed=none
if [ "${1:-}" = --modules ]; then
    packed=${2:-}
    [ "$packed" = all ] || [ -r "$packed" ] || die "--modules wants all, or a file with names of modules"
    shift 2
fi
watcher='' unfinished=''
cleanup() {
    if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null || true; fi
    if [ -n "$unfinished" ]; then rm -rf "$unfinished"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

case ${1:-} in
-h | --help | help) usage ;;
--sizes) sizes "${2:-$root/out}" ;;
--tree)
    need_tools
    find_tree
    printf '%s\n' "$tree"
    ;;
--prepare)
    need_tools
    prepare
    ;;
--module)
    [ $# -ge 2 ] || { usage >&2; exit 2; }
    need_tools
    lab_module "$2" "${3:-$root/out}"
    ;;
'' | -*)
    usage >&2
    exit 2
    ;;
*)
    need_tools
    init=$1
    out=$root/out
    shift
    case ${1:-=} in
    *=*) ;;
    *)
        out=$1
        shift
        ;;
    esac
    build "$out" "$init" "$@"
    ;;
esac
