#include "fat/folder_entry.h"

#include <algorithm>

#include "base/ascii.h"

namespace bootwire::fat::entry {

std::optional<std::string> short_name(std::string_view file_name) {
    const size_t dot = file_name.find('.');
    const std::string_view extension = dot == file_name.npos ? "" : file_name.substr(dot + 1);
    const std::string_view stem = file_name.substr(0, dot);
    if (stem.empty() || stem.size() > 8 || extension.size() > 3) return std::nullopt;
    std::string made_name(name_size, ' ');
    std::ranges::copy(stem, made_name.begin());
    std::ranges::copy(extension, made_name.begin() + 8);
    for (char& c : made_name) {
        if (c == ' ') continue;
        if (!is_letter_or_digit(c)) return std::nullopt;
        c = to_upper(c);
    }
    return made_name;
}

}  // namespace bootwire::fat::entry
