#include "storage/slice.h"

#include <algorithm>

namespace bootwire::storage {

Slice::Slice(const BlockSource& whole, uint64_t start, uint64_t size)
    : whole_(whole),
      start_(std::min(start, whole.size())),
      size_(std::min(size, whole.size() - start_)) {}

Status Slice::read(uint64_t offset, MutableBytes into) const {
    if (!has(offset, into.size())) return fail("tried to read behind the end of a partition");
    return whole_.read(start_ + offset, into);
}

}  // namespace bootwire::storage
