// Letters without their case, where a text is of ASCII.
#pragma once

#include <string>
#include <string_view>

namespace bootwire {

/// A to Z as a to z; every other byte stays as it is, whatever the locale.
std::string lower(std::string_view text);

}  // namespace bootwire
