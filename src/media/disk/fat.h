// The FAT file system's boot sector and volume label.
#pragma once

#include <optional>

#include "disk/file_system.h"

namespace bootwire::disk {

/// FAT12, FAT16 or FAT32, named "vfat". head: the first bytes of the volume, at least 512.
Result<std::optional<FileSystem>> probe_fat(const BlockSource& disk, uint64_t start, uint64_t size,
                                            Bytes head);

}  // namespace bootwire::disk
