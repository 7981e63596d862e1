// Which file system is there, by its superblock. The names, UUIDs and labels are those that blkid
// prints; libblkid itself would be half as large as all the rest of the program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/block_source.h"

namespace bootwire::disk {

/// What a file system is good for here.
enum class FileSystemUse : uint8_t {
    root,   ///< Linux can have its root on it
    fat,    ///< a boot partition
    other,  ///< swap, a container, a foreign file system: why_not() tells
};

struct FileSystem {
    std::string type;   ///< as blkid and mount(2) call it: "ext4", "vfat", "crypto_LUKS"
    std::string uuid;   ///< as blkid prints it; empty if there is none
    std::string label;  ///< UTF-8; empty if there is none
    FileSystemUse use = FileSystemUse::other;

    /// Why it can't be the root: "it is swap space". Empty for what can.
    std::string_view why_not() const;
};

/// Looks at the `size` bytes from `start` on. Nothing if it is nothing known; errors are those of
/// reading.
Result<std::optional<FileSystem>> probe_file_system(const storage::BlockSource& disk,
                                                    uint64_t start, uint64_t size);

}  // namespace bootwire::disk
