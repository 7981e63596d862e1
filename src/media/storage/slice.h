// A part of a medium that is read as one of its own, as a partition of a disk.
#pragma once

#include <cstdint>

#include "storage/block_source.h"

namespace bootwire::storage {

class Slice : public BlockSource {
  public:
    /// The `size` bytes from `start` on, or as many of them as the whole has, which must live
    /// longer.
    Slice(const BlockSource& whole, uint64_t start, uint64_t size);

    uint64_t size() const override { return size_; }
    uint32_t block_size() const override { return whole_.block_size(); }
    Status read(uint64_t offset, MutableBytes into) const override;

  private:
    const BlockSource& whole_;
    uint64_t start_;
    uint64_t size_;
};

}  // namespace bootwire::storage
