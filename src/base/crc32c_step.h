// The ways to a CRC32C, for crc32c.cpp and its tests: by a table, and by the processor's own
// instruction.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bootwire {

/// Goes on with a sum whose bits are inverted.
using Crc32cStep = uint32_t (*)(uint32_t state, Bytes bytes);

uint32_t crc32c_by_table(uint32_t state, Bytes bytes);

/// By SSE 4.2, or ARMv8's CRC extension: null where this processor has none. It is asked anew each
/// time, which costs less than to remember.
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
Crc32cStep crc32c_of_processor();
#else
constexpr Crc32cStep crc32c_of_processor() {
    return nullptr;
}
#endif

}  // namespace bootwire
