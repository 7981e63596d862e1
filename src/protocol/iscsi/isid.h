// The initiator's part of a session identifier (RFC 7143 section 11.12.5).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/address.h"

namespace bootwire::iscsi {

/// Six bytes that, with the initiator name, stay the same for a board: a target recognises a
/// reinstated session and its persistent reservations by them.
struct Isid {
    std::array<uint8_t, 6> bytes{};

    /// Type 00b (OUI): 22 bits of the vendor number, then the 24 bits that are the interface's own.
    /// A locally administered address names no vendor: then as from_serial(its text).
    static Isid from_mac(const MacAddress& mac);
    /// Type 10b (random): 24 bits drawn from the serial number by CRC32C, and the qualifier.
    static Isid from_serial(std::string_view serial, uint16_t qualifier = 0);

    auto operator<=>(const Isid&) const = default;
};

}  // namespace bootwire::iscsi
