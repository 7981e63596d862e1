#include "wifi/escapes.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace bootwire::wifi {

namespace {

/// Takes up to `most` digits of the base off the text; 0 if there is none.
char take_number(std::string_view& text, size_t most, unsigned base) {
    const auto is_one = [&](char c) { return base == 8 ? c >= '0' && c <= '7' : is_hex_digit(c); };
    unsigned value = 0;
    for (size_t count = 0; count < most && !text.empty() && is_one(text.front()); ++count) {
        const char c = to_lower(text.front());
        value = value * base + static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
        text.remove_prefix(1);
    }
    return static_cast<char>(static_cast<uint8_t>(value));
}

/// What follows a '\'.
void take_escape(std::string_view& text, std::string& bytes) {
    if (text.empty()) return;
    const char c = text.front();
    if (c >= '0' && c <= '7') {
        bytes += take_number(text, 3, 8);
        return;
    }
    constexpr std::string_view names = "\\\"nrte";
    constexpr std::string_view values = "\\\"\n\r\t\033";
    if (const size_t found = names.find(c); found != names.npos) {
        bytes += values[found];
        text.remove_prefix(1);
    } else if (c == 'x') {
        text.remove_prefix(1);
        if (!text.empty() && is_hex_digit(text.front())) bytes += take_number(text, 2, 16);
    }
}

}  // namespace

std::string without_escapes(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '\\') {
            take_escape(text, bytes);
        } else {
            bytes += c;
        }
    }
    return bytes;
}

std::string_view take_quoted(std::string_view& rest) {
    size_t end = 0;
    while (end < rest.size() && rest[end] != '"')
        end += rest[end] == '\\' ? 2 : 1;
    end = std::min(end, rest.size());
    const std::string_view quoted = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return quoted;
}

}  // namespace bootwire::wifi
