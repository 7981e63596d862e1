// Disks whose contents were made for one with blocks of another size.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "disk/layout.h"

namespace bootwire::disk {

/// Tables count in logical blocks, so an image for disks with blocks of 512 bytes makes no sense on
/// one that has 4096, and the other way round: neither to us nor to Linux. The size for which it
/// was made, if it makes sense only with that; layout: what read_layout() found with the disk's
/// own.
std::optional<uint32_t> made_for_blocks_of(const storage::BlockSource& disk,
                                           const Result<Layout>& layout);

}  // namespace bootwire::disk
