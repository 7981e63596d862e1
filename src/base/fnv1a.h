// Names told apart by a number. Keeps no secret.
#pragma once

#include <cstdint>
#include <string_view>

namespace bootwire {

/// FNV-1a, 64 bits.
constexpr uint64_t fnv1a(std::string_view text) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text)
        hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace bootwire
