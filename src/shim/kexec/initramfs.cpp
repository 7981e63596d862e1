#include "kexec/initramfs.h"

#include <algorithm>
#include <string_view>

#include "kexec/cpio.h"
#include "kexec/decompress.h"

namespace bootwire::kexec {

namespace {

/// More than any initramfs holds; a bomb ends here.
constexpr uint64_t most_unpacked = uint64_t{2} << 30;

void note(std::string_view name, InitramfsAbility& ability) {
    while (name.starts_with("./") || name.starts_with('/'))
        name.remove_prefix(name.starts_with('/') ? 1 : 2);
    ++ability.names;
    if (name == "scripts/local-top/iscsi") ability.initramfs_tools_iscsi = true;
    if (name.ends_with("sbin/iscsiroot") || name.ends_with("bin/iscsiroot")) {
        ability.dracut_iscsi = true;
    }
}

size_t zeros_at_start(Bytes bytes) {
    size_t count = 0;
    while (count < bytes.size() && bytes[count] == 0)
        ++count;
    return count;
}

/// The uncompressed archive that the bytes begin with, up to where a compressed one may begin.
Result<size_t> read_plain(Bytes bytes, CpioNames& names, bool& ended) {
    // Archives are padded to 4 bytes or more, entries likewise: a step never jumps over an end.
    size_t done = 0;
    while (done < bytes.size() && !ended) {
        const size_t step = std::min<size_t>(4, bytes.size() - done);
        if (!names.add(bytes.subspan(done, step))) return fail("is not an initramfs");
        done += step;
    }
    return done;
}

}  // namespace

Result<InitramfsAbility> examine_initramfs(Bytes file) {
    InitramfsAbility ability;
    bool ended = false;
    CpioNames names([&](std::string_view name) {
        ended = name == "TRAILER!!!";
        note(name, ability);
    });
    uint64_t unpacked = 0;
    while (file = file.subspan(zeros_at_start(file)), !file.empty()) {
        ended = false;
        Result<size_t> length = 0;
        if (recognise_compression(file) == Compression::none) {
            length = read_plain(file, names, ended);
        } else {
            length = decompress(file, [&](Bytes piece) -> Status {
                unpacked += piece.size();
                if (unpacked > most_unpacked) return fail("unpacks to more than 2 GB");
                if (!names.add(piece)) return fail("is not an initramfs");
                return {};
            });
        }
        if (!length) return std::unexpected(length.error());
        file = file.subspan(*length);
    }
    if (ability.names == 0) return fail("is empty");
    if (!names.at_boundary()) return fail("ends in the middle of a file");
    return ability;
}

}  // namespace bootwire::kexec
