// Small helpers for text from outside: numbers, splitting, printing what may not be printable.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bootwire {

/// The whole text as a number of the given base, 2 to 16, without sign, space or prefix; nothing if
/// it is not one or is larger than `maximum`.
std::optional<uint64_t> parse_number_up_to(uint64_t maximum, std::string_view text, int base);
/// The same for what fits into the type.
template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    static_assert(std::is_unsigned_v<Number>);
    const auto value = parse_number_up_to(std::numeric_limits<Number>::max(), text, base);
    if (!value) return std::nullopt;
    return static_cast<Number>(*value);
}

std::string_view trim(std::string_view text);
/// Splits at every separator; n separators give n + 1 pieces, empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Splits at runs of blanks, tabs and line ends; no piece is empty.
std::vector<std::string_view> split_words(std::string_view text);
std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// The text as it may be shown to a person: control and non-ASCII bytes as \xNN, cut with "…"
/// after max_length bytes. Use it for every byte that came over the network.
std::string printable(std::string_view text, size_t max_length = 200);

/// The text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace bootwire
