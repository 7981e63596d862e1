// The public half of an Ed25519 key (RFC 8032 section 5.1.5). nettle has it with 60 KB of tables
// and GMP; here it is needed once a boot.
#pragma once

#include <array>
#include <cstdint>

namespace bootwire::seed {

using Ed25519Bytes = std::array<uint8_t, 32>;

/// Of the private key, which is 32 bytes of any value. Takes some milliseconds, whose number tells
/// of the key: nobody may be able to measure them.
Ed25519Bytes ed25519_public_key(const Ed25519Bytes& private_key);

}  // namespace bootwire::seed
