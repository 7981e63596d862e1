// Whether an image is whole, as far as that can be told without the bootloader's own keys.
#pragma once

#include <string>
#include <vector>

#include "eeprom/image.h"

namespace bootwire::eeprom {

struct Finding {
    enum class Verdict {
        whole,        ///< a checksum says so, or there is nothing in it
        damaged,      ///< certainly
        not_checked,  ///< nothing here can tell
    };
    Verdict verdict = Verdict::not_checked;
    std::string what;  ///< what was looked at, or why nothing was
};

/// A finding for each section, in their order.
std::vector<Finding> check_sections(const Image& image);

}  // namespace bootwire::eeprom
