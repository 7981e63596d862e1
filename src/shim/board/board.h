// Which Pi this is, from the device tree that the firmware handed to the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"

namespace bootwire::board {

/// What is printed on the board, as far as its device tree says. Fields that it does not have are
/// empty.
struct Board {
    std::string model;                 ///< "Raspberry Pi 4 Model B Rev 1.4"
    std::string serial;                ///< 16 hex digits on a Pi: "10000000abcdef01"
    std::optional<uint32_t> revision;  ///< the firmware's revision code, 0xc03114
    std::optional<MacAddress> mac;     ///< of the built-in Ethernet
    bool second_stepping = false;      ///< a Pi 5 whose chip is of the D0 stepping

    /// "Raspberry Pi 4 Model B Rev 1.4, serial 10000000abcdef01, revision c03114, MAC dc:a6:…"
    std::string to_string() const;
};

/// Reads it from a device tree as procfs shows it. Never fails: a board without a name
/// boots too.
Board identify(const std::string& device_tree = "/proc/device-tree");

}  // namespace bootwire::board
