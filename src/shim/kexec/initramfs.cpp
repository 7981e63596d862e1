#include "kexec/initramfs.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "kexec/decompress.h"

namespace bootwire::kexec {

namespace {

/// More than any initramfs holds; a bomb ends here.
constexpr uint64_t most_unpacked = uint64_t{2} << 30;

void note(std::string_view name, InitramfsAbility& ability) {
    while (name.starts_with("./") || name.starts_with('/'))
        name.remove_prefix(name.starts_with('/') ? 1 : 2);
    ++ability.names;
    const std::string_view file = name.substr(name.rfind('/') + 1);  // npos + 1 is 0
    if (file.starts_with("iscsi_tcp.ko")) ability.has_iscsi_module = true;
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
/// Returns its length.
Result<size_t> read_plain(Bytes bytes, CpioReader& reader, const bool& ended) {
    // Archives are padded to 4 bytes or more, entries likewise: a step never jumps over an end.
    size_t done = 0;
    while (done < bytes.size() && !ended) {
        const size_t step = std::min<size_t>(4, bytes.size() - done);
        if (auto taken = reader.add(bytes.subspan(done, step)); !taken) {
            return std::unexpected(taken.error());
        }
        done += step;
    }
    return done;
}

bool can_be_unpacked(Compression compression) {
    return compression == Compression::gzip || compression == Compression::zstd;
}

/// closed: gets the compression of an archive that stays closed, at which all ends; without it,
/// that is an error.
Status read_all(Bytes file, CpioReader::Handlers handlers, std::string* closed) {
    bool ended = false;
    size_t entries = 0;
    CpioReader reader({[&](const CpioEntry& entry) {
                           ++entries;
                           ended = entry.is_trailer();
                           return handlers.entry(entry);
                       },
                       std::move(handlers.content)});
    uint64_t unpacked = 0;
    while (file = file.subspan(zeros_at_start(file)), !file.empty()) {
        ended = false;
        Result<size_t> length = 0;
        const Compression compression = recognise_compression(file);
        if (compression == Compression::none) {
            length = read_plain(file, reader, ended);
        } else if (closed != nullptr && !can_be_unpacked(compression)) {
            *closed = to_string(compression);
            return {};
        } else {
            length = decompress(file, [&](Bytes piece) -> Status {
                unpacked += piece.size();
                if (unpacked > most_unpacked) return fail("unpacks to more than 2 GB");
                return reader.add(piece);
            });
        }
        if (!length) return std::unexpected(length.error());
        file = file.subspan(*length);
    }
    if (entries == 0) return fail("is empty");
    if (!reader.at_boundary()) return fail("ends in the middle of a file");
    return {};
}

}  // namespace

Result<InitramfsAbility> examine_initramfs(Bytes file) {
    InitramfsAbility ability;
    const auto entry = [&](const CpioEntry& seen) -> Status {
        note(seen.name, ability);
        return {};
    };
    if (auto read = read_all(file, {entry}, &ability.closed); !read) {
        return std::unexpected(read.error());
    }
    return ability;
}

Status unpack_initramfs(Bytes file, CpioReader::Handlers handlers) {
    return read_all(file, std::move(handlers), nullptr);
}

}  // namespace bootwire::kexec
