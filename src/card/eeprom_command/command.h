// ./bootwire eeprom: looks at the image of a bootloader EEPROM, and changes its configuration.
#pragma once

#include "base/error.h"
#include "eeprom_command/arguments.h"

namespace bootwire::eeprom_command {

/// Carries out what was asked for. True: done. False: what was looked at
/// is damaged, or the person said no. An error: nothing was written.
Result<bool> run(const Arguments& arguments);

}  // namespace bootwire::eeprom_command
