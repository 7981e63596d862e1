#include "eeprom/boot_order.h"

#include <array>
#include <cstdio>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::eeprom {

namespace {

constexpr unsigned bits_per_digit = 4;
constexpr unsigned digits = 8;
constexpr uint32_t sd_card = 0x1;
constexpr uint32_t network = 0x2;
constexpr uint32_t stop = 0xe;
constexpr uint32_t restart = 0xf;

/// Empty: stands for nothing.
constexpr std::array<std::string_view, 16> names{"SD card, when one is put in",
                                                 "SD card",
                                                 "network",
                                                 "rpiboot",
                                                 "USB",
                                                 "USB-C",
                                                 "NVMe",
                                                 "HTTP",
                                                 "",
                                                 "",
                                                 "",
                                                 "",
                                                 "",
                                                 "",
                                                 "stop",
                                                 "again from the start"};

uint32_t digit(uint32_t order, unsigned index) {
    return (order >> (index * bits_per_digit)) & 0xf;
}

/// How many there are; zeros in front are none.
unsigned length(uint32_t order) {
    unsigned count = digits;
    while (count > 1 && digit(order, count - 1) == 0)
        --count;
    return count;
}

bool ends(uint32_t value) {
    return value == stop || value == restart;
}

/// The place of the first such digit before the order ends; the place of its end if there is none.
unsigned find(uint32_t order, uint32_t wanted) {
    unsigned index = 0;
    while (index < length(order) && digit(order, index) != wanted && !ends(digit(order, index)))
        ++index;
    return index;
}

}  // namespace

Result<uint32_t> parse_boot_order(std::string_view text) {
    text = trim(text);
    if (text.empty()) return default_boot_order;
    const bool prefixed = lower(text.substr(0, 2)) == "0x";
    const auto order = prefixed && text.size() <= 2 + digits
                           ? parse_number<uint32_t>(text.substr(2), 16)
                           : std::nullopt;
    if (!order) {
        return fail("BOOT_ORDER=" + printable(text, 40) + " is no order of boot",
                    "it is 0x and at most 8 hexadecimal digits, like 0xf21");
    }
    for (unsigned i = 0; i < length(*order); ++i) {
        if (!names[digit(*order, i)].empty()) continue;
        return fail("BOOT_ORDER=" + printable(text, 40) +
                        " has a digit that stands for nothing that is known",
                    "0 to 7, e and f do");
    }
    return *order;
}

std::string boot_order_text(uint32_t order) {
    char text[12];
    std::snprintf(text, sizeof text, "0x%x", static_cast<unsigned>(order));
    return text;
}

std::string boot_order_in_words(uint32_t order) {
    std::string words;
    for (unsigned i = 0; i < length(order); ++i) {
        const uint32_t value = digit(order, i);
        words += i > 0 ? ", " : "";
        words += names[value].empty() ? "unknown" : names[value];
        if (ends(value)) break;
    }
    return words;
}

bool has_network(uint32_t order) {
    const unsigned index = find(order, network);
    return index < length(order) && digit(order, index) == network;
}

Result<uint32_t> with_network(uint32_t order) {
    if (has_network(order)) return order;
    if (length(order) == digits) {
        return fail("BOOT_ORDER=" + boot_order_text(order) + " has no room for the network",
                    "give an order of at most 8 digits with a 2 in it");
    }
    unsigned place = find(order, sd_card);
    if (place < length(order) && digit(order, place) == sd_card) ++place;
    const unsigned shift = place * bits_per_digit;
    const uint64_t before = order & ((uint64_t{1} << shift) - 1);
    const uint64_t after = uint64_t{order} >> shift;
    return static_cast<uint32_t>(before | uint64_t{network} << shift |
                                 after << (shift + bits_per_digit));
}

Result<std::string> order_with_network(std::string_view text) {
    const auto order = parse_boot_order(text);
    if (!order) return std::unexpected(order.error());
    if (has_network(*order)) return std::string(text);
    const auto with = with_network(*order);
    if (!with) return std::unexpected(with.error());
    return boot_order_text(*with);
}

Result<OrderWish> parse_order_wish(std::string_view text) {
    if (text.empty() || text == "network") return OrderWish{OrderWish::What::add_network, 0};
    if (text == "keep") return OrderWish{OrderWish::What::keep, 0};
    const auto order = parse_boot_order(text);
    if (!order) return std::unexpected(order.error());
    return OrderWish{OrderWish::What::set, *order};
}

}  // namespace bootwire::eeprom
