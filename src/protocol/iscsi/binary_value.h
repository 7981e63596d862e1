// Binary values in key=value text: base16 after 0x, base64 after 0b (RFC 7143 section 6.1).
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace bootwire::iscsi {

/// Characters that encode_base16() makes of so many bytes.
constexpr size_t base16_length(size_t size) {
    return 2 + 2 * size;
}

/// Writes "0x…" into `to`, which must hold base16_length(bytes.size()) characters.
std::string_view encode_base16(Bytes bytes, std::span<char> to);
/// Decodes either form. Nothing if the text is neither, has no digit, or does not fit into `to`.
/// An odd number of hexadecimal digits is read as if a 0 stood before them.
std::optional<Bytes> decode_binary(std::string_view text, MutableBytes to);

}  // namespace bootwire::iscsi
