// What wpa_supplicant says: it passes on names that anybody may send.
#include <cstdlib>
#include <string_view>

#include "wifi/account.h"
#include "wifi/escapes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::wifi;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    Network home;
    home.ssid = "Home";
    home.access = {.psk = true};
    const std::vector<Network> networks{home};
    Account account(networks, {});
    // Datagrams are apart by zeros.
    while (!text.empty()) {
        const std::string_view datagram = text.substr(0, text.find('\0'));
        text.remove_prefix(std::min(datagram.size() + 1, text.size()));
        Sight sight = parse_sight(datagram);
        if (sight.access_points.size() > datagram.size() / 8) std::abort();
        if (!sight.access_points.empty()) account.seen(std::move(sight.access_points));
        if (const auto event = parse_event(datagram)) account.happened(*event);
        if (const auto link = parse_link(datagram, datagram)) {
            if (link->to_string().empty()) std::abort();
            (void)account.remark(*link);
        }
        if (without_escapes(datagram).size() > datagram.size()) std::abort();
        const Failure failure = account.sum_up();
        for (const char c : failure.error.to_string()) {
            if (c == '\n' || c == '\033') std::abort();
        }
    }
    return 0;
}
