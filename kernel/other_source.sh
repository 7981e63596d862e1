# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by build.sh: another kernel tree than Debian's, the folder BOOTWIRE_KERNEL_SOURCE. What it has
# not is said, not insisted on; the folder itself is only read.

other_source=${BOOTWIRE_KERNEL_SOURCE:-}

# A key for the copy from what the folder has now, by names, sizes and times.
find_other_tree() {
    for file in Kconfig Makefile arch/arm64/Kconfig "$dtb_folder/Makefile"; do
        [ -e "$other_source/$file" ] || die "$other_source is no kernel's source with arm64 in it: there is no $file"
    done
    source_deb=$(CDPATH='' cd -- "$other_source" && pwd) # for messages
    other_source=$source_deb
    base=other-$({
        cd "$other_source" && find . -name .git -prune -o -type f -printf '%P %s %T@\n' | sort
        cat "$kernel"/patches/*.patch "$kernel/other_source.sh"
        aarch64-linux-gnu-gcc --version
        aarch64-linux-gnu-ld --version
        printf '%s\n' "$compiler_flags"
    } | sha256sum | cut -c1-8)
    key=$base-$(cat "$kernel"/*.config | sha256sum | cut -c1-8)
    tree=$cache/kernel/$key
    dtbs=$(list_other_trees)
}

# Ours where it has them, and a vendor's own names of boards.
list_other_trees() {
    for dts in "$other_source/$dtb_folder"/bcm2710-rpi-*.dts "$other_source/$dtb_folder"/bcm2711-rpi-*.dts \
        "$other_source/$dtb_folder"/bcm2712*-rpi-*.dts "$other_source/$dtb_folder"/bcm2837-rpi-*.dts; do
        if [ -e "$dts" ]; then basename "$dts" .dts; fi
    done
}

copy_other_source() {
    say "copying $other_source"
    tar -cf - -C "$other_source" --exclude-vcs . | tar -xf - -C "$tree.new" ||
        die "cannot copy $other_source: is the disk that holds $cache full?"
    if [ -e "$tree.new/.config" ] || [ -e "$tree.new/include/generated" ]; then
        make -C "$tree.new" ARCH=arm64 -s mrproper >"$cache/kernel/mrproper.log" 2>&1 ||
            die "make mrproper failed in a copy of $other_source; the whole log: $cache/kernel/mrproper.log"
    fi
    for patch in "$kernel"/patches/*.patch; do
        if patch -d "$tree.new" -p1 -s -N --dry-run -i "$patch" >"$cache/kernel/patch.log" 2>&1; then
            patch -d "$tree.new" -p1 -s -N --no-backup-if-mismatch -i "$patch" >"$cache/kernel/patch.log" 2>&1
        elif patch -d "$tree.new" -p1 -s -R --dry-run -i "$patch" >/dev/null 2>&1; then
            say "that tree has $(basename "$patch") already"
        else
            say "$(basename "$patch") does not apply and is left out; kernel/README.md tells what it is for ($(head -n 1 "$cache/kernel/patch.log"))"
        fi
    done
    mkdir "$tree.new/bootwire"
    list_other_trees >"$tree.new/bootwire/trees"
}

# What of the fragments did not come out: symbols that the tree has not, and the rest (on standard input,
# lines "wanted …, got …"), which mostly hangs on these.
find_what_is_missing() {
    find "$tree" -name 'Kconfig*' -type f -exec sed -n \
        's/^[[:space:]]*\(menu\)\{0,1\}config[[:space:]]\{1,\}\([A-Za-z0-9_]\{1,\}\).*/CONFIG_\2/p' {} + |
        sort -u >"$tree/bootwire/symbols"
    awk -v known="$tree/bootwire/symbols" '
        BEGIN { while ((getline name < known) > 0) has[name] = 1 }
        { name = $2 == "#" ? $3 : $2; sub(/[=,].*/, "", name) }
        !(name in has) { missing = missing " " name; next }
        { other[++count] = $0 }
        END {
            if (missing != "") print "that tree has no" missing
            for (i = 1; i <= count; i++) print other[i]
        }' >"$tree/bootwire/missing"
}

say_what_is_missing() { # at every build, since only the first one configures
    if [ -e "$tree/bootwire/missing" ]; then while read -r line; do say "$line"; done <"$tree/bootwire/missing"; fi
}
