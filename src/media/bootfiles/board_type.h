// What the type in a Raspberry Pi's revision code means for its boot files.
// Source: raspberrypi.com/documentation, "Raspberry Pi revision codes" and "config.txt".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bootwire::bootfiles {

struct BoardType {
    uint8_t type;                ///< bits 4 to 11 of a new-style revision code
    std::string_view filters;    ///< sections of config.txt that apply, separated by blanks
    bool default_64bit;          ///< arm_64bit where config.txt does not say
    std::string_view kernels64;  ///< default names, separated by blanks: the first that is there
    std::string_view kernel32;   ///< default name; empty: 64-bit only
    std::string_view trees;      ///< without ".dtb", likewise
    std::string_view mainline_trees;           ///< preferred with upstream_kernel=1
    std::string_view second_stepping_trees{};  ///< preferred where the chip is of the D0 stepping
};

/// Nothing for a board that is not a Raspberry Pi, an old-style code or an unknown type.
const BoardType* board_type(std::optional<uint32_t> revision);

/// Is it a section of config.txt for some model of Raspberry Pi ("pi4")?
bool is_model_filter(std::string_view name);

}  // namespace bootwire::bootfiles
