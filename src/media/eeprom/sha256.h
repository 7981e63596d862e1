// SHA-256, by nettle.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"

namespace bootwire::eeprom {

using Sha256 = std::array<uint8_t, 32>;

Sha256 sha256(Bytes bytes);
/// As 64 hexadecimal digits.
std::string hex(const Sha256& sum);

}  // namespace bootwire::eeprom
