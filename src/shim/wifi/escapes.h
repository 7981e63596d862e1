// Bytes as wpa_supplicant writes them into a line of text, as of names of networks
// (printf_encode() and printf_decode() of its src/utils/common.c).
#pragma once

#include <string>
#include <string_view>

namespace bootwire::wifi {

/// The bytes that the text stands for. Never fails: an escape that is none is left out.
std::string without_escapes(std::string_view text);

/// Takes the text of a quoted string off `rest`, which begins behind the opening quote, up to and
/// with the closing one: a quote inside has a '\' before it. All of it if there is no closing one.
std::string_view take_quoted(std::string_view& rest);

}  // namespace bootwire::wifi
