// What a FAT file system is called.
#pragma once

#include <string>

#include "base/error.h"
#include "fat/geometry.h"
#include "storage/block_source.h"

namespace bootwire::fat {

/// The label of the root folder, which is the one that counts, byte for byte; empty if there is
/// none among the folder's first 64 KiB. Errors are those of reading.
Result<std::string> read_label(const storage::BlockSource& volume, const Geometry& geometry);

}  // namespace bootwire::fat
