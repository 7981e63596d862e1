// CRC32C, which iSCSI uses for the digests of headers and data (RFC 7143 section 13.1).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bootwire {

/// Sums up bytes that come in pieces.
class Crc32c {
  public:
    void add(Bytes bytes);
    uint32_t value() const { return ~state_; }

  private:
    uint32_t state_ = 0xffffffff;
};

/// CRC32C of the bytes; of no bytes it is 0. On the wire it is stored little-endian.
uint32_t crc32c(Bytes bytes);

}  // namespace bootwire
