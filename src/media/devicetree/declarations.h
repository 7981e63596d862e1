// How a device tree declares what its parameters change. No tree is touched here. Source: Raspberry
// Pi's documentation, "Device Trees, overlays, and parameters", part 2.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire::devicetree {

inline constexpr size_t longest_property = 4096;  ///< that a parameter changes

/// What is written: a text, or a cell of the declaration (its offset there), which may stand for a
/// label.
struct Given {
    std::string text;
    std::optional<size_t> cell;
};

/// One target of a parameter, "reg:0", "status", "bus-width:0=4", "letter{a=alpha,b}"; with
/// phandle 0 the fragments of an overlay to switch, "+0-1".
struct Declaration {
    uint32_t phandle = 0;
    std::string property;  ///< or fragments
    char kind = 0;  ///< ':' 32 bits, ';' 16, '.' 8, '#' 64, '[' bytes in hexadecimal, '?' there or
                    ///< not, '!' the same inverted; 0 a text
    size_t offset = 0;             ///< in the property, bytes
    std::optional<Given> literal;  ///< whatever the parameter's value
    struct Choice {
        std::string input;
        Given value;
    };
    bool has_table = false;
    std::vector<Choice> table;
    std::optional<Given> otherwise;   ///< for inputs that are not in the table
    bool others_as_they_are = false;  ///< if there is no `otherwise`
};

/// The value of a property of __overrides__.
Result<std::vector<Declaration>> parse_declarations(std::string_view bytes);

/// What is to be written for the parameter's value. Fails if the table has no place for it.
Result<Given> value_for(const Declaration& declaration, std::string_view input);

}  // namespace bootwire::devicetree
