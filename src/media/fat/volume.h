// A small FAT volume for somebody else's computer: made here, and read when it comes back. What has
// come back may hold anything. No I/O.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::fat {

/// The size of each volume that is made, in bytes.
inline constexpr size_t volume_size = 2 << 20;

struct File {
    std::string name;  ///< at most 8 characters, '.', 3; all in capitals or all in small letters
    std::string content;
    bool read_only = false;
};

/// A FAT12 volume without a partition table, as a floppy disk has it. label: at most 11 capitals.
/// Fails if the files have no room or a name does not fit.
Result<std::string> make_volume(const std::string& label, std::span<const File> files);

/// The content of a file in the volume's root folder, whatever the case of its name; FAT12 and
/// FAT16 are understood. Fails if there is none, if it is longer than max_size, or if the volume
/// makes no sense.
Result<std::string> read_root_file(std::string_view volume, std::string_view name, size_t max_size);

}  // namespace bootwire::fat
