// What a Pi 3's firmware says of its boot ROM, as a file that the kernel writes: of what is no such
// row nothing is said, and of a row what its bit says.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "board/boot_rom.h"

namespace {

using namespace bootwire;
using board::NetworkBoot;

void expect(bool holds) {
    if (!holds) std::abort();
}

unsigned digit(char c) {
    return is_digit(c) ? static_cast<unsigned>(c - '0')
                       : static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

/// Digit by digit: nothing but "0x" and a number of 32 bits, with blanks and line ends around it.
std::optional<uint32_t> row_of(std::string_view text) {
    constexpr std::string_view around = " \t\r\n";
    const size_t first = text.find_first_not_of(around);
    if (first == text.npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(around) + 1 - first);
    if (text.size() < 3 || text[0] != '0' || text[1] != 'x') return std::nullopt;
    uint64_t value = 0;
    for (const char c : text.substr(2)) {
        if (!is_hex_digit(c)) return std::nullopt;
        value = value << 4 | digit(c);
        if (value > UINT32_MAX) return std::nullopt;
    }
    return static_cast<uint32_t>(value);
}

NetworkBoot judged(std::optional<uint32_t> row) {
    if (!row || (*row >> 1 & 1) == 0) return NetworkBoot::unknown;
    return (*row >> 29 & 1) != 0 ? NetworkBoot::on : NetworkBoot::off;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const NetworkBoot said = board::parse_boot_mode_row(text);
    expect(said == judged(row_of(text)));
    expect(!board::to_string(said).empty());

    uint32_t row = 0;  // any, as the kernel writes it
    if (size < sizeof row) return 0;
    std::memcpy(&row, data, sizeof row);
    char line[16];
    (void)std::snprintf(line, sizeof line, "0x%08x\n", row);
    expect(board::parse_boot_mode_row(line) == judged(row));
    return 0;
}
