// A disk whose changes are kept in compressed memory until the machine is switched off
// (iscsi.overlay=ram): dm-snapshot over the disk, its store in zram, and a loop device that shows
// this with its partitions.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "block/block_device.h"
#include "block/compressed_memory.h"
#include "block/device_mapper.h"
#include "block/loop_device.h"
#include "overlay/sizes.h"

namespace bootwire::overlay {

/// There for as long as this is; what it is made of is taken away in the reverse order.
class RamOverlay {
  public:
    /// From here on nothing is written to the disk, and its partitions have no nodes: what has
    /// their names, of the same content, is the overlay's. limit: bytes of memory, 0: half of it.
    static Result<RamOverlay> over(block::BlockDevice& disk, uint64_t limit);

    /// The disk with the changes, "loop0".
    const std::string& name() const { return shown_.name(); }
    /// What reads the disk for it, through the page cache: "dm-0".
    const std::string& reader() const { return mapped_.disk_name(); }
    /// What the changes are in, "zram1".
    const std::string& memory() const { return memory_.name(); }
    const Sizes& sizes() const { return sizes_; }
    /// For a file of udev(7): the disk, and what is between it and the overlay, get no links by
    /// UUID and the like, and no desktop shows them.
    std::string rules_for_udev(const std::string& disk_name) const;

  private:
    RamOverlay(Sizes sizes, block::CompressedMemory memory, block::MappedDevice mapped,
               block::LoopDevice shown)
        : sizes_(sizes),
          memory_(std::move(memory)),
          mapped_(std::move(mapped)),
          shown_(std::move(shown)) {}

    Sizes sizes_;
    block::CompressedMemory memory_;
    block::MappedDevice mapped_;
    block::LoopDevice shown_;
};

}  // namespace bootwire::overlay
