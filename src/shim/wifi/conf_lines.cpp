#include "wifi/conf_lines.h"

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "base/text.h"

namespace bootwire::wifi {

namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view utf16_little_mark = "\xff\xfe";
constexpr std::string_view utf16_big_mark = "\xfe\xff";

void append_utf8(std::string& text, uint32_t point) {
    const auto tail = [&](unsigned shift) {
        text += static_cast<char>(0x80 | ((point >> shift) & 0x3f));
    };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xc0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xe0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// A half of a pair that is alone becomes '?'.
std::string from_utf16(Bytes bytes, uint16_t (*load)(const uint8_t*)) {
    std::string text;
    for (size_t at = 0; at + 1 < bytes.size(); at += 2) {
        const uint32_t unit = load(&bytes[at]);
        const uint32_t next = at + 3 < bytes.size() ? load(&bytes[at + 2]) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            append_utf8(text, 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00));
            at += 2;
        } else {
            append_utf8(text, unit >= 0xd800 && unit < 0xe000 ? '?' : unit);
        }
    }
    return text;
}

std::string as_utf8(std::string_view file) {
    file = file.substr(0, max_conf);
    if (file.starts_with(utf16_little_mark)) {
        return from_utf16(bytes_of(file.substr(utf16_little_mark.size())), load_le16);
    }
    if (file.starts_with(utf16_big_mark)) {
        return from_utf16(bytes_of(file.substr(utf16_big_mark.size())), load_be16);
    }
    if (file.starts_with(utf8_mark)) file.remove_prefix(utf8_mark.size());
    return std::string(file);
}

std::string_view without_comment(std::string_view line) {
    line = trim(line);
    if (line.starts_with('#')) return {};
    const size_t quote = line.find('"');
    const size_t last = quote == line.npos ? line.npos : line.rfind('"');
    // One quote alone is no pair, and hides nothing.
    const size_t from = last == quote ? 0 : last;
    return trim(line.substr(0, line.find('#', from)));
}

}  // namespace

std::vector<ConfLine> conf_lines(std::string_view file) {
    const std::string text = as_utf8(file);
    std::vector<ConfLine> lines;
    std::string_view rest = text;
    for (unsigned number = 1; !rest.empty(); ++number) {
        const size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        const std::string_view said = without_comment(rest.substr(0, end));
        if (!said.empty()) lines.push_back({std::string(said), number});
        rest.remove_prefix(end);
        rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<size_t>(1, rest.size()));
    }
    return lines;
}

}  // namespace bootwire::wifi
