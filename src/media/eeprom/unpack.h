// How files in an image are packed. Nothing here is needed to change a configuration; it is for
// looking whether an image is whole.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace bootwire::eeprom {

/// Bytes that no file of an image exceeds, unpacked.
inline constexpr size_t largest_unpacked = 4 * 1024 * 1024;

/// An LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md), as images have them since 2026 for
/// the 2711 and since 2025 for the 2712: no dictionary; its own checksums are not looked at.
/// Nothing if it is damaged or larger.
std::optional<std::vector<uint8_t>> unpack_lz4(Bytes frame);

/// The older way: a byte of flags, from the lowest bit, for eight items; 0: a byte as it is, 1: a
/// distance and a length, each one less than it is. Found by what the SHA-256 behind such files
/// says of what comes out.
std::optional<std::vector<uint8_t>> unpack_pairs(Bytes packed);

}  // namespace bootwire::eeprom
