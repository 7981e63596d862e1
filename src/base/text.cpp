#include "base/text.h"

#include <cstdint>
#include <cstdio>

#include "base/ascii.h"

namespace bootwire {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Length of the valid UTF-8 sequence (RFC 3629) that starts the text, 0 if there is none.
size_t utf8_sequence_length(std::string_view text) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t first = byte(0);
    const size_t length = first < 0x80   ? 1
                          : first < 0xc2 ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf5 ? 4
                                         : 0;
    if (length == 0 || length > text.size()) return 0;
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    if (length > 2) {
        const uint8_t second = byte(1);
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
            return 0;
        }
    }
    return length;
}

}  // namespace

/// One function for all types: a microcontroller has no room for std::from_chars of each.
std::optional<uint64_t> parse_number_up_to(uint64_t maximum, std::string_view text, int base) {
    if (text.empty()) return std::nullopt;
    const auto radix = static_cast<uint8_t>(base);
    uint64_t value = 0;
    for (const char c : text) {
        const auto digit = hex_digit(c);
        if (!digit || *digit >= radix || value > maximum / radix) return std::nullopt;
        value *= radix;
        if (*digit > maximum - value) return std::nullopt;
        value += *digit;
    }
    return value;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const size_t end = text.find(separator);
        pieces.push_back(text.substr(0, end));
        if (end == text.npos) return pieces;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    size_t start = 0;
    while (start < text.size()) {
        while (start < text.size() && is_blank(text[start]))
            ++start;
        size_t end = start;
        while (end < text.size() && !is_blank(text[end]))
            ++end;
        if (end > start) words.push_back(text.substr(start, end - start));
        start = end;
    }
    return words;
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
    std::string joined;
    for (size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0) joined += separator;
        joined += pieces[i];
    }
    return joined;
}

std::string printable(std::string_view text, size_t max_length) {
    std::string shown;
    for (const char c : text.substr(0, max_length)) {
        if (is_graphic_or_blank(c)) {
            shown += c;
        } else {
            char escaped[5];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<uint8_t>(c));
            shown += escaped;
        }
    }
    if (text.size() > max_length) shown += "…";
    return shown;
}

std::string json_string(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        const size_t length = utf8_sequence_length(text);
        const char c = text.front();
        if (length == 0) {
            json += "\\ufffd";
        } else if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
            char escaped[7];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            json += escaped;
        } else {
            json += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return json + '"';
}

}  // namespace bootwire
