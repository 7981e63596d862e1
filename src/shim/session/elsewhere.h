// Whether a portal that somebody else names can be where it is said to be.
#pragma once

#include "base/address.h"

namespace bootwire::session {

/// Whether a target may send us there: not to this machine itself (loopback, unspecified), and not
/// to many at once (multicast, broadcast), with IPv4 in IPv6 as well. The operator may name what he
/// likes.
inline bool can_be_elsewhere(const IpAddress& address) {
    const auto v4_can = [](const uint8_t* bytes) {  // 0/8, 127/8, 224/4 and the reserved 240/4
        return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
    };
    const auto& bytes = address.bytes;
    if (address.is_v4()) return v4_can(bytes.data());
    if (bytes[0] == 0xff) return false;
    for (size_t i = 0; i < 10; ++i) {
        if (bytes[i] != 0) return true;
    }
    const bool mapped = bytes[10] == 0xff && bytes[11] == 0xff;
    const bool compatible = bytes[10] == 0 && bytes[11] == 0;  // ::1 and :: among them
    return !(mapped || compatible) || v4_can(&bytes[12]);
}

}  // namespace bootwire::session
