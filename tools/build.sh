#!/bin/sh
# out/Image.gz, out/dtbs and out/overlays: libraries for arm64, init, kernel.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire build            out/Image.gz, out/overlay.cpio, out/dtbs/*.dtb and out/overlays/*.dtbo
       ./bootwire build --modules  besides, all drivers that a Pi's owner may need: out/modules.sqfs, whose SHA-256
                                   Image.gz then carries, and a package with the same, out/bootwire-modules_*.deb
       ./bootwire build --modules=test   likewise, but only those that the tests need (kernel/test-modules)
       ./bootwire build --modules=kept   as the last build in out/ was
       ./bootwire build --sizes    what the last build weighs, part by part
       ./bootwire build --debug    out/debug/Image.gz, with a shell (busybox) inside
       ./bootwire build --kernel-source DIR   the same from another kernel's source, such as the
                                   vendor's, in out/other/; names what of ours that has not

From nothing it takes 8 to 12 minutes on two cores, nearly all of it the kernel; later, when
only bootwire itself has changed, half a minute. Fails if Image.gz or init outgrow their budgets.
All modules take as long as the rest again, or longer, once; the same Image.gz needs none of them to find its disk.
At the end every device tree is checked: what it names must have a driver (docs/hardware.md).
Two builds of one checkout give the same bytes. ./bootwire --help tells where caches are.
BOOTWIRE_HELP_PAGE  the address at which you publish docs/troubleshooting.md: failures then
                    name it, with the section's anchor behind it (default: none)
USAGE
}

debug='' other='' modules=none
case ${1:-} in
-h | --help) usage; exit 0 ;;
--sizes) exec "$root/kernel/build.sh" --sizes "$out" ;;
--debug) debug=yes ;;
--modules) modules=all ;;
--modules=test) modules="test" ;;
--modules=kept)
    modules=$(sed -n 's/^modules: //p' "$out/made-of" 2>/dev/null) || true
    [ -n "$modules" ] || modules=none
    ;;
--kernel-source)
    other=${2:-}
    [ -d "$other" ] || die "--kernel-source wants the folder of a kernel's source"
    BOOTWIRE_KERNEL_SOURCE=$(CDPATH='' cd -- "$other" && pwd)
    export BOOTWIRE_KERNEL_SOURCE
    ;;
'') ;;
*) usage >&2; exit 2 ;;
esac

need build
if [ ! -d "$cache/kernel" ]; then need_room 4000 "building the kernel"; else need_room 300 "the build"; fi

# Static libraries for arm64, of this machine's own release as the cross compiler is.
release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-debian}")
sysroot=$cache/sysroot/$release
"$root/tools/debian.sh" unpack own arm64 "$sysroot" nettle-dev zlib1g-dev libzstd-dev libfdt-dev || exit 1

say "compiling init for the Raspberry Pi"
target=$(build_folder arm64)
compile "$target" --toolchain "$root/cmake/aarch64.cmake" -DBOOTWIRE_SYSROOT="$sysroot" \
    -DBOOTWIRE_HELP_PAGE="${BOOTWIRE_HELP_PAGE:-}"

init=$(find "$target/src/shim/init" -maxdepth 1 -type f -perm -u+x | head -n 1)
[ -n "$init" ] || die "src/shim/init made no program"

set --
folder=$out
if [ -n "$other" ]; then folder=$out/other; fi
if [ -n "$debug" ]; then
    folder=$out/debug
    "$root/tools/debian.sh" unpack trixie arm64 "$cache/sysroot/busybox" busybox-static || exit 1
    for busybox in "$cache"/sysroot/busybox/bin/busybox "$cache"/sysroot/busybox/usr/bin/busybox; do
        if [ -e "$busybox" ]; then set -- "$@" "/bin/busybox=$busybox" /bin/sh=link:busybox; fi
    done
fi

# Kernel and image are a function of these; when nothing has changed, neither is looked at.
made_of=$({
    cat "$init" "$root/tools/build.sh"
    find "$root/kernel" -type f ! -name README.md ! -name 'left-out*' | LC_ALL=C sort | while read -r file; do
        printf '%s\n' "${file#"$root"}"
        cat "$file"
    done
    aarch64-linux-gnu-gcc --version
    printf '%s\n' "${BOOTWIRE_QUICK:-}" "$@"
} | sha256sum)
# made-of: what the last build was made of, and with which modules. Who wants some for tests is served by all.
made_as() { [ "$(cat "$folder/made-of" 2>/dev/null)" = "$(printf 'modules: %s\n%s' "$1" "$made_of")" ]; }
as_it_was() {
    [ -z "$other" ] && [ -e "$folder/Image.gz" ] && [ -e "$folder/drivers.txt" ] || return 1
    [ "$modules" = none ] || [ -e "$folder/modules.sqfs" ] || return 1
    made_as "$modules" || { [ "$modules" = test ] && made_as all; }
}
hardware() { PYTHONPATH=$root /usr/bin/python3 -P -m lab.hardware "$@"; }

if as_it_was; then
    say "nothing has changed: $folder/Image.gz is as it was"
else
    rm -f "$folder/made-of"
    set -- "$init" "$folder" "$@"
    case $modules in
    all) set -- --modules all "$@" ;;
    test) set -- --modules "$root/kernel/test-modules" "$@" ;;
    esac
    "$root/kernel/build.sh" "$@" || {
        die_if_full
        exit 1
    }
    # What the check has to know of the kernel, so that it needs no build tree.
    hardware drivers "$("$root/kernel/build.sh" --tree)" >"$folder/.drivers.new" || exit 1
    mv "$folder/.drivers.new" "$folder/drivers.txt"
    printf 'modules: %s\n%s\n' "$modules" "$made_of" >"$folder/made-of"
fi
if ! hardware check "$folder"; then
    if [ -z "$other" ]; then die "that is what a Pi would miss: kernel/boards.config says which drivers are built"; fi
    say "with that kernel, this is missing on these boards"
fi
sed -n '/^ *[0-9]*  \(Image.gz\|Image\|init\|initramfs\)\(,\|$\)/p' "$folder/sizes"
