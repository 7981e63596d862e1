#include "iscsi/lun.h"

#include <cstdio>

#include "base/text.h"

namespace bootwire::iscsi {

namespace {

constexpr int levels = 4;
constexpr uint16_t flat_space_addressing = 0x4000;
constexpr uint16_t addressing_bits = 0xc000;

constexpr uint16_t level(uint64_t wire, int index) {
    return static_cast<uint16_t>(wire >> (48 - 16 * index));
}

}  // namespace

Lun Lun::from_linux(uint64_t number) {
    Lun lun;
    for (int i = 0; i < levels; ++i)
        lun.wire |= (number >> (16 * i) & 0xffff) << (48 - 16 * i);
    return lun;
}

std::optional<Lun> Lun::from_number(uint32_t number) {
    if (number < 256) return Lun{uint64_t{number} << 48};
    if (number < 16384) return Lun{uint64_t{number | flat_space_addressing} << 48};
    return std::nullopt;
}

std::optional<Lun> Lun::parse(std::string_view text) {
    if (text.empty()) return Lun{};
    if (text.size() == 16) {
        const auto wire = parse_number<uint64_t>(text, 16);
        if (wire) return Lun{*wire};
    }
    Lun lun;
    for (int i = 0;; ++i) {
        const size_t dash = text.find('-');
        const auto piece = text.substr(0, dash);
        if (i == levels || piece.empty() || piece.size() > 4) return std::nullopt;
        const auto value = parse_number<uint16_t>(piece, 16);
        if (!value) return std::nullopt;
        lun.wire |= uint64_t{*value} << (48 - 16 * i);
        if (dash == text.npos) return lun;
        text.remove_prefix(dash + 1);
    }
}

uint64_t Lun::to_linux() const {
    uint64_t number = 0;
    for (int i = 0; i < levels; ++i)
        number |= uint64_t{level(wire, i)} << (16 * i);
    return number;
}

uint64_t Lun::number() const {
    if ((wire & 0xffffffffffff) != 0) return to_linux();
    const uint16_t first = level(wire, 0);
    return (first & addressing_bits) == flat_space_addressing ? first & ~addressing_bits : first;
}

std::string Lun::to_string() const {
    if ((wire & 0xffffffffffff) == 0) return std::to_string(number());
    char text[24];
    std::snprintf(text, sizeof text, "%x-%x-%x-%x", level(wire, 0), level(wire, 1), level(wire, 2),
                  level(wire, 3));
    return text;
}

}  // namespace bootwire::iscsi
