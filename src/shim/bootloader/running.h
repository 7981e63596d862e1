// What the firmware tells of the bootloader that it came from: the device tree's /chosen/bootloader
// and the configuration that is read by the name blconfig. Source: raspberrypi.com/documentation,
// "Device trees, overlays and parameters", and the vendor's trees.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "board/board.h"
#include "eeprom/update.h"

namespace bootwire::bootloader {

/// Nothing for a board without such an EEPROM. An error where the configuration cannot be read:
/// whoever took it for empty would lose it. A Pi 5's bootloader from before 2025-02-11 is one that
/// it cannot be read of. device_tree, nvmem: where procfs and sysfs show them.
Result<std::optional<eeprom::RunningBootloader>> read_running(
    const board::Board& board, const std::string& device_tree = "/proc/device-tree",
    const std::string& nvmem = "/sys/bus/nvmem/devices");

}  // namespace bootwire::bootloader
