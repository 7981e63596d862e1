#include "iscsi/binary_value.h"

#include "base/ascii.h"

namespace bootwire::iscsi {

namespace {

std::optional<uint8_t> base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<uint8_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<uint8_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0' + 52);
    if (c == '+') return uint8_t{62};
    if (c == '/') return uint8_t{63};
    return std::nullopt;
}

std::optional<Bytes> decode_base16(std::string_view digits, MutableBytes to) {
    const size_t size = (digits.size() + 1) / 2;
    if (size == 0 || size > to.size()) return std::nullopt;
    size_t nibble = digits.size() % 2;
    for (size_t i = 0; i < size; ++i)
        to[i] = 0;
    for (const char c : digits) {
        const auto digit = hex_digit(c);
        if (!digit) return std::nullopt;
        to[nibble / 2] = static_cast<uint8_t>(to[nibble / 2] << 4 | *digit);
        ++nibble;
    }
    return to.first(size);
}

std::optional<Bytes> decode_base64(std::string_view digits, MutableBytes to) {
    for (int i = 0; i < 2 && digits.ends_with('='); ++i)
        digits.remove_suffix(1);
    const size_t size = digits.size() * 6 / 8;
    if (size == 0 || size > to.size() || digits.size() % 4 == 1) return std::nullopt;
    uint32_t collected = 0;
    int bits = 0;
    size_t at = 0;
    for (const char c : digits) {
        const auto digit = base64_digit(c);
        if (!digit) return std::nullopt;
        collected = (collected << 6 | *digit) & 0xffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        to[at++] = static_cast<uint8_t>(collected >> bits);
    }
    return to.first(size);
}

}  // namespace

std::string_view encode_base16(Bytes bytes, std::span<char> to) {
    constexpr std::string_view digits = "0123456789abcdef";
    char* at = to.data();
    *at++ = '0';
    *at++ = 'x';
    for (const uint8_t byte : bytes) {
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return {to.data(), base16_length(bytes.size())};
}

std::optional<Bytes> decode_binary(std::string_view text, MutableBytes to) {
    const auto digits = text.substr(text.size() < 2 ? text.size() : 2);
    if (text.starts_with("0x") || text.starts_with("0X")) return decode_base16(digits, to);
    if (text.starts_with("0b") || text.starts_with("0B")) return decode_base64(digits, to);
    return std::nullopt;
}

}  // namespace bootwire::iscsi
