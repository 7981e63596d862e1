// The key under which a board reserves its disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"

namespace bootwire::session {

/// The board's serial number, read as the hexadecimal number that it is on a Pi, so that whoever
/// finds the key knows the board. Other serials, zero included, and boards without one: FNV-1a (64
/// bits) over the serial's or the MAC address's text. Never 0, which means "no key".
uint64_t reservation_key(std::string_view serial, const MacAddress& mac);

/// Sixteen hexadecimal digits.
std::string key_text(uint64_t key);

}  // namespace bootwire::session
