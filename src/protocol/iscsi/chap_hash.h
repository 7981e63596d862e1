// The hash functions of CHAP: a port, which each product fills with what it has. For products with
// nettle chap_hash.cpp is beside; a microcontroller brings its own, and leaves that file out.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace bootwire::iscsi {

/// CHAP_A (RFC 7143 section 12.1.3 and IANA's registry).
enum class ChapAlgorithm : uint8_t { md5 = 5, sha1 = 6, sha256 = 7, sha3_256 = 8 };

/// Bytes of the longest hash.
inline constexpr size_t max_chap_response = 32;

/// Writes the hash of all pieces, in this order, and gives its length: 16, 20, 32 or 32 bytes; 0
/// for an algorithm that this product does not have, and so must not offer. What it computed with
/// is wiped.
size_t chap_hash(ChapAlgorithm algorithm, std::span<const Bytes> pieces,
                 std::span<uint8_t, max_chap_response> to);

}  // namespace bootwire::iscsi
