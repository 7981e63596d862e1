// wpa_supplicant.conf as lines, whatever somebody's editor has made of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootwire::wifi {

struct ConfLine {
    std::string text;     ///< without what is behind '#', and blanks around it; not empty
    unsigned number = 0;  ///< in the file, from 1
};

/// More than this is not looked at.
inline constexpr size_t max_conf = 65536;

/// The lines that say something. Line ends of any system are understood, byte order marks, and
/// UTF-16, which becomes UTF-8. A '#' between the first and the last quote of a line begins no
/// comment (wpa_config_get_line() of wpa_supplicant's config_file.c).
std::vector<ConfLine> conf_lines(std::string_view file);

}  // namespace bootwire::wifi
