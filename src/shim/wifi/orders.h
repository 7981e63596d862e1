// What wpa_supplicant is told over its control socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/secret.h"
#include "wifi/network.h"

namespace bootwire::wifi {

/// A command; each is answered by "OK", or by "FAIL".
struct Order {
    plan::Secret text;  ///< as it is sent
    std::string shown;  ///< the same for a log, without secrets
};

/// Before the first network. country: empty is the world's.
std::vector<Order> first_orders(std::string_view country);

/// Answered by the number of a new network.
inline constexpr std::string_view new_network = "ADD_NETWORK";

/// All that makes the network with that number the one that is asked for; nothing if the chip has
/// no way to join it. A name, a password of WPA3 go as hexadecimal digits, which can be anything.
std::vector<Order> network_orders(const Network& network, unsigned number, const Chip& chip);

/// After the last network: the search begins.
inline constexpr std::string_view begin = "ENABLE_NETWORK all";

}  // namespace bootwire::wifi
