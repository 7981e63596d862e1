// Characters as ASCII has them, whatever the locale: every byte beyond is none of these and stays
// as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootwire {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
    return is_lower(c) || is_upper(c);
}
constexpr bool is_letter_or_digit(char c) {
    return is_letter(c) || is_digit(c);
}
/// What a digit of base 16 is worth, 0 to 15; nothing of any other character.
constexpr std::optional<uint8_t> hex_digit(char c) {
    if (is_digit(c)) return static_cast<uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
    return std::nullopt;
}
constexpr bool is_hex_digit(char c) {
    return hex_digit(c).has_value();
}
/// Takes a place and can be seen: no blank.
constexpr bool is_graphic(char c) {
    return c > ' ' && c < 0x7f;
}
constexpr bool is_graphic_or_blank(char c) {
    return c == ' ' || is_graphic(c);
}

constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char to_upper(char c) {
    return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

/// Each letter of the text as to_lower() has it.
std::string lower(std::string_view text);
bool same_ignoring_case(std::string_view a, std::string_view b);

}  // namespace bootwire
