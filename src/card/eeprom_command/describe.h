// What is told of an image, as text for a person.
#pragma once

#include <string>
#include <string_view>

#include "eeprom/image.h"

namespace bootwire::eeprom_command {

/// Version, layout, order of boot, configuration, sections.
std::string describe(const std::string& name, const eeprom::Image& image);

struct Verified {
    std::string text;
    bool whole = true;  ///< nothing is certainly damaged
};
/// A line for each section, then the sum.
Verified verify(const std::string& name, const eeprom::Image& image);

/// The lines that only the old text has, with "- " before them, and those that only the new one
/// has, with "+ ".
std::string differences(std::string_view before, std::string_view after);

}  // namespace bootwire::eeprom_command
