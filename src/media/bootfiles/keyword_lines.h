// Files of lines "KEYWORD VALUE", as extlinux and the Boot Loader Specification have them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace bootwire::bootfiles {

/// Parts of the text that was read.
struct KeywordLine {
    std::string_view keyword;
    std::string_view value;  ///< without blanks around it; empty if there is none
};

/// The lines of a text up to its first NUL, without empty ones and comments ("#"). Of the lines
/// only the first most_lines are looked at.
std::vector<KeywordLine> keyword_lines(std::string_view text, size_t most_lines);

}  // namespace bootwire::bootfiles
