// What an operator wants of the bootloader's configuration, and the configuration that has it.
// Without I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "eeprom/boot_order.h"
#include "eeprom/update.h"
#include "plan/request.h"

namespace bootwire::bootloader {

/// The running configuration with what is wished for; every other line as it is. The very same text
/// if there is nothing to change.
Result<std::string> wanted_configuration(const eeprom::RunningBootloader& running,
                                         const plan::BootloaderWishes& wishes);

/// "boots from SD card, USB, again from the start (0xf41)".
std::string order_in_words(const eeprom::RunningBootloader& running);

}  // namespace bootwire::bootloader
