// wpa_supplicant.conf, whatever somebody's editor has made of it.
#include <cstdlib>
#include <string_view>

#include "wifi/conf.h"
#include "wifi/orders.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::wifi;
    const std::string_view file(reinterpret_cast<const char*>(data), size);
    const Conf conf = read_conf(file);
    if (conf.networks.size() > max_networks) std::abort();
    for (const Network& network : conf.networks) {
        if (network.ssid.empty() || network.ssid.size() > max_ssid) std::abort();
        const auto orders = network_orders(network, 0, {.sae = true});
        if (orders.empty()) std::abort();
        for (const Order& order : orders) {
            // A command is a line: none may hold another one.
            if (order.text.reveal().find_first_of(std::string_view("\n\r\0", 3)) !=
                std::string_view::npos) {
                std::abort();
            }
            if (!network.passphrase.empty() &&
                order.text.reveal().starts_with("SET_NETWORK 0 psk ") !=
                    (order.shown == "SET_NETWORK 0 psk *")) {
                std::abort();
            }
        }
    }
    return 0;
}
