# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by build.sh: which modules are compiled, and the file and the package that are made of them. One
# configuration has them all; what the image needs is compiled with it, the rest when it is asked for.

squashfs_options="-comp xz -b 256K" # README.md has the figures

# What is configured as a module, and which of it exports what; from the sources, since nothing is compiled yet.
#   modules.configured  NAME FILE SOURCE…
#   modules.exports     SYMBOL NAME
list_configured() {
    [ ! -e "$tree/bootwire/modules.exports" ] || return 0
    cp "$kernel/list_modules.mk" "$tree/bootwire/"
    kmake -s run-command KBUILD_RUN_COMMAND="env MAKEFLAGS= make -s -f bootwire/list_modules.mk obj=." \
        >"$tree/bootwire/modules.new" 2>"$tree/bootwire/modules.log" ||
        die "cannot list what is configured as a module; the whole log: $tree/bootwire/modules.log"
    sort -u "$tree/bootwire/modules.new" >"$tree/bootwire/modules.configured"
    (
        cd "$tree" && awk '{ for (i = 3; i <= NF; i++) print $i }' bootwire/modules.configured |
            { xargs grep -HsoE 'EXPORT_[A-Z0-9_]+\(([[:space:]]*[A-Z0-9_]+\()?[[:space:]]*[A-Za-z0-9_]+' /dev/null || true; }
    ) | awk '
        FNR == NR { for (i = 3; i <= NF; i++) of[$i] = $1; next }
        { split($0, a, ":"); sub(/.*\([ \t]*/, ""); print $0, of[a[1]] }' "$tree/bootwire/modules.configured" - \
        >"$tree/bootwire/modules.new"
    mv "$tree/bootwire/modules.new" "$tree/bootwire/modules.exports"
}

# files_of NAME…: those that are configured, which in another source than Debian's not all are
files_of() {
    printf '%s\n' "$@" | awk 'FNR == NR { file[$1] = $2; next } $1 in file { print file[$1] }' \
        "$tree/bootwire/modules.configured" -
}

# needed_by NAME…: further modules, whose symbols their objects use
needed_by() {
    # shellcheck disable=SC2046
    (cd "$tree" && aarch64-linux-gnu-nm -u $(files_of "$@" | sed 's/ko$/o/')) | awk -v chosen="$*" '
        BEGIN { n = split(chosen, name, " "); for (i = 1; i <= n; i++) seen[name[i]] = 1 }
        FILENAME == ARGV[1] { kernel[$2] = 1; next }
        FILENAME == ARGV[2] { from[$1] = $2; next }
        $1 == "U" && !($2 in kernel) && $2 in from && !(from[$2] in seen) { seen[from[$2]] = 1; print from[$2] }' \
        "$tree/vmlinux.symvers" "$tree/bootwire/modules.exports" -
}

# compile_modules NAME…: these, and what they need
compile_modules() {
    chosen="$*"
    counted=
    say "compiling modules (log: $tree/bootwire/modules.log)"
    more=$chosen
    while [ -n "$more" ]; do
        # shellcheck disable=SC2086,SC2046
        set -- $(files_of $more | sed 's/ko$/o/')
        [ $# -gt 0 ] || break
        run_make "$tree/bootwire/modules.log" "$@"
        # shellcheck disable=SC2086
        more=$(needed_by $chosen)
        chosen="$chosen $more"
    done
    # shellcheck disable=SC2086,SC2046
    set -- $(files_of $chosen)
    [ $# -gt 0 ] || return 0
    run_make "$tree/bootwire/modules.log" "$@"
    printf '%s\n' "$@" >>"$tree/bootwire/modules.built"
    list_modules
}

compile_all_modules() {
    [ ! -e "$tree/bootwire/modules.complete" ] || return 0
    list_configured
    counted=modules
    started=$(date +%s)
    say "compiling all $(wc -l <"$tree/bootwire/modules.configured") modules with $jobs jobs (log: $tree/bootwire/modules.log)"
    run_make "$tree/bootwire/modules.log" modules
    count_steps "$tree/bootwire/modules.log"
    sed 's/\.o$/.ko/' "$tree/modules.order" >"$tree/bootwire/modules.built"
    list_modules
    : >"$tree/bootwire/modules.complete"
    started=$(($(date +%s) - started))
    say "all modules: compiled in $((started / 60)) min $((started % 60)) s"
}

# name, file and dependencies of every module that was built
list_modules() {
    sort -u "$tree/bootwire/modules.built" | while read -r file; do # a shell of its own: these names are others' too
        name=$(basename "$file" .ko | tr - _)
        printf '%s %s %s\n' "$name" "$file" "$(modinfo "$tree/$file" depends | tr ',\n-' '  _')"
    done >"$tree/bootwire/modules.new"
    mv "$tree/bootwire/modules.new" "$tree/bootwire/modules.all"
}

# need_modules LIST NAME…: compiles them where one of them is not yet; LIST is where they stand
need_modules() {
    list=$1
    shift
    if ! printf '%s\n' "$@" | awk '
        BEGIN { while ((getline line < all) > 0) { split(line, a, " "); has[a[1]] = 1 } }
        !($1 in has) { exit 1 }' all="$tree/bootwire/modules.all" 2>/dev/null; then
        list_configured
        unknown=$(printf '%s\n' "$@" | awk 'FNR == NR { has[$1] = 1; next } !($1 in has) { printf " %s", $1 }' \
            "$tree/bootwire/modules.configured" -)
        [ -z "$unknown" ] || [ -n "$other_source" ] || die "$list: nothing is configured as a module that is called$unknown"
        compile_modules "$@"
    fi
}

names_in() { # FILE: a list with a name a line, and comments
    sed '/^#/d; /^$/d; s/-/_/g' "$1"
}

# Modules of lab.config: for tests, never shipped.
lab_names() {
    sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=m$/\1/p' "$kernel/lab.config" | while read -r symbol; do
        find "$tree/drivers" -name Makefile -exec sed -n "s/^obj-\$($symbol)[[:space:]]*+=[[:space:]]*\(.*\)\.o.*/\1/p" {} +
    done | tr - _
}

# What is to be packed: lines NAME FILE of all, or of what the initramfs has, a list names, and these need.
to_pack() { # all | LIST
    if [ "$1" = all ]; then
        awk -v names="$(lab_names | tr '\n' ' ')" '
            BEGIN { n = split(names, name, " "); for (i = 1; i <= n; i++) lab[name[i]] = 1 }
            !($1 in lab) { print $1, $2 }' "$tree/bootwire/modules.all"
        return
    fi
    cat "$kernel/initramfs-modules" "$1" | names_in - | awk '
        function need(m,   i, n, d) {
            if (m in seen) return
            seen[m] = 1
            n = split(deps[m], d, " ")
            for (i = 1; i <= n; i++) need(d[i])
            print m, file[m]
        }
        FNR == NR { file[$1] = $2; for (i = 3; i <= NF; i++) deps[$1] = deps[$1] " " $i; next }
        $1 in file { need($1) }' "$tree/bootwire/modules.all" - | sort
}

# The package's folder: /usr/lib/modules/RELEASE, stripped, with depmod's tables. The file is made of the same.
stage_package() { # FOLDER, lines NAME FILE on standard input
    modules=$1/usr/lib/modules/$release
    mkdir -p "$modules/kernel"
    ln -s usr/lib "$1/lib" # where depmod of Debian 12 looks
    awk '{ print $2 }' >"$modules/modules.order"
    (cd "$modules/kernel" && sed 's|/[^/]*$||' ../modules.order | sort -u | xargs mkdir -p)
    # shellcheck disable=SC2016
    (cd "$tree" && xargs -P "$jobs" -n 50 sh -c 'for file; do
        aarch64-linux-gnu-strip --strip-unneeded -R .comment -o "$0/$file" "$file" || exit 255; done' "$modules/kernel") \
        <"$modules/modules.order" || die "cannot strip modules into $modules: is the disk full?"
    sed -i 's|^|kernel/|' "$modules/modules.order"
    cp "$tree/modules.builtin" "$tree/modules.builtin.modinfo" "$modules/"
    depmod -b "$1" "$release" 2>"$own/modules.log" || die "depmod failed; the whole log: $own/modules.log"
    rm "$1/lib"
}

# From these fields a person sees which Image.gz the package belongs to.
describe_package() { # FOLDER WHICH
    mkdir -p "$1/DEBIAN" "$1/usr/share/doc/bootwire-modules"
    cat >"$1/DEBIAN/control" <<CONTROL
Package: bootwire-modules
Version: $package_version
Architecture: arm64
Maintainer: who has built it <root@localhost>
Installed-Size: $(du -sk --apparent-size "$1/usr" | cut -f1)
Section: kernel
Priority: optional
Description: kernel modules for a Raspberry Pi that is booted by bootwire
 They fit the kernel that calls itself $release, and no other one.
 $([ "$2" = all ] && echo "All that are built." || echo "Some of them, for tests.")
CONTROL
    cat >"$1/usr/share/doc/bootwire-modules/copyright" <<COPYRIGHT
Modules of Linux, built from Debian's $(basename "$source_deb" .deb) with bootwire's patches.
They may be distributed under the GNU General Public License, version 2: /usr/share/common-licenses/GPL-2
COPYRIGHT
}

# In the build tree: modules.sqfs, its SHA-256, and the package. What would not change is not made anew.
pack_modules() { # all | LIST
    own=$tree/bootwire
    release=$(cat "$tree/include/config/kernel.release")
    package_version=$(printf '%s\n' "$release" | sed 's/-/+/; s/-/./g')
    made_of=$({
        printf '%s\n' "$release" "$1"
        to_pack "$1"
        cat "$kernel/modules.sh"
        mksquashfs -version
        depmod --version
    } | sha256sum)
    if [ "$(cat "$own/modules.packed" 2>/dev/null)" = "$made_of" ]; then return; fi
    say "packing modules"
    rm -rf "$own/modules.packed" "$own/package" "$own/modules.sqfs"
    to_pack "$1" | stage_package "$own/package"
    describe_package "$own/package" "$1"
    find "$own/package" -exec touch -h -d "@$epoch" {} +
    # shellcheck disable=SC2086
    mksquashfs "$own/package/usr/lib/modules/$release" "$own/modules.sqfs" $squashfs_options -all-root -all-time "$epoch" \
        -mkfs-time "$epoch" -no-xattrs -no-exports -no-progress >"$own/modules.log" 2>&1 ||
        die "mksquashfs failed; the whole log: $own/modules.log"
    sha256sum "$own/modules.sqfs" | cut -d' ' -f1 >"$own/modules.sha256"
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group --threads-max=1 -Zxz -b "$own/package" "$own/modules.deb" \
        >"$own/modules.log" 2>&1 || die "dpkg-deb failed; the whole log: $own/modules.log"
    printf '%s\n' "$made_of" >"$own/modules.packed"
}
