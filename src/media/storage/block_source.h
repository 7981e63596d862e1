// Bytes of a medium, wherever they are: what the parsers of media read through.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::storage {

class BlockSource {
  public:
    virtual ~BlockSource() = default;

    /// Bytes.
    virtual uint64_t size() const = 0;
    /// Bytes of a logical block: 512 or 4096.
    virtual uint32_t block_size() const = 0;
    /// Fills `into` from `offset` on (bytes, no alignment needed). All of it or an error; what lies
    /// behind the end is an error.
    virtual Status read(uint64_t offset, MutableBytes into) const = 0;

    /// Are there `length` bytes from `offset` on?
    bool has(uint64_t offset, uint64_t length) const {
        return offset <= size() && size() - offset >= length;
    }
};

}  // namespace bootwire::storage
