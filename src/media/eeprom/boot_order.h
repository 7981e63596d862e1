// BOOT_ORDER: what the bootloader tries, a hexadecimal digit each, from the last digit to the
// first. Source: raspberrypi.com/documentation, "BOOT_ORDER".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::eeprom {

inline constexpr std::string_view boot_order_key = "BOOT_ORDER";
/// What the bootloader does where nobody says anything: SD, USB, and again.
inline constexpr uint32_t default_boot_order = 0xf41;

/// "0xf41"; an empty text is the default. An error if it is no order, or has digits that stand for
/// nothing.
Result<uint32_t> parse_boot_order(std::string_view text);
/// "0xf41".
std::string boot_order_text(uint32_t order);
/// "SD card, USB, again from the start".
std::string boot_order_in_words(uint32_t order);

/// Whether the network is tried before the order stops or starts again.
bool has_network(uint32_t order);
/// The order with the network behind the SD card: 0xf461 becomes 0xf4621. Without an SD card in it,
/// the network comes last. The same order if it has the network. An error if all 8 digits are
/// taken.
Result<uint32_t> with_network(uint32_t order);
/// The same for the text of a configuration, which stays as it is written if it has the network.
Result<std::string> order_with_network(std::string_view text);

/// What an operator wants of the order (bootwire.boot_order=).
struct OrderWish {
    enum class What {
        add_network,  ///< where it is missing
        keep,         ///< whatever it is
        set,          ///< to `order`
    };
    What what = What::add_network;
    uint32_t order = 0;
    bool operator==(const OrderWish&) const = default;
};

/// "keep", "network" or an order; empty: to add the network.
Result<OrderWish> parse_order_wish(std::string_view text);

}  // namespace bootwire::eeprom
