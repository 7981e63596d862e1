# shellcheck shell=sh disable=SC2154
# Sourced by build.sh: the configurations of Debian 13's kernels for arm64, with which ours is compared
# (lab/kernel_options). They are in packages of their own, which inputs.lock names.

# write_debian_configs FOLDER: debian-VERSION.config; without them the build goes on
write_debian_configs() {
    for source in trixie/6.12 trixie-backports/7.3; do
        version=${source#*/}
        deb=$("$root/tools/debian.sh" fetch "${source%/*}" arm64 "linux-config-$version") || {
            say "Debian's kernel $version is not there to be compared with"
            continue
        }
        dpkg-deb --fsys-tarfile "$deb" | tar -xO -f - --wildcards './usr/src/linux-config-*/config.arm64_none_arm64.xz' |
            xz -dc >"$1/debian-$version.config" || die "cannot unpack $deb (or write to $1)"
    done
}
