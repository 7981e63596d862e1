// The CRC of GPT headers and entries.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bootwire::disk {

/// CRC-32 as in UEFI section 5.3.2 (ISO 3309, the one of zlib).
uint32_t crc32(Bytes bytes);

}  // namespace bootwire::disk
