// What was asked of ./bootwire eeprom.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace bootwire::eeprom_command {

struct Arguments {
    enum class Verb { show, edit, verify };
    Verb verb{};
    std::string file;
    std::vector<std::pair<std::string, std::string>> settings;  ///< --set KEY=VALUE, in their order
    std::optional<std::string> boot_order;                      ///< "network" or an order
    std::optional<std::string> config;                          ///< a file
    std::optional<std::string> timestamp;                       ///< "now" or seconds since 1970
    std::optional<std::string> signature;  ///< a file: written, or compared with
    std::optional<std::string> out;        ///< a file
    bool yes = false;                      ///< replace files without asking
};

/// The words behind the program's name. An error is a sentence about the first that is wrong.
Result<Arguments> parse_arguments(const std::vector<std::string>& words);

}  // namespace bootwire::eeprom_command
