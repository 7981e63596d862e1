// Writing a grown partition table to the disk.
#pragma once

#include "base/error.h"
#include "block/block_device.h"
#include "disk/resize.h"

namespace bootwire::block {

/// Writes the pieces in their order, each synced before the next, reads them back from the disk and
/// compares, and tells the kernel the partition's new size. Nothing of the disk may be mounted but
/// what stays as it is. After an error in the middle the old pieces are written back as far as that
/// works; the error says so.
Status write_growth(BlockDevice& disk, const disk::Growth& growth);

}  // namespace bootwire::block
