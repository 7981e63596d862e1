// What a DHCP server granted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace bootwire::dhcp {

/// A lease with the options bootwire asks for. Text options hold the bytes as they came, trailing
/// NULs removed: whoever uses one checks it.
struct Lease {
    IpPrefix address;     ///< yiaddr with option 1 (or the classful mask, RFC 791)
    IpAddress server;     ///< option 54, the server identifier
    std::vector<IpAddress> routers;          ///< option 3; not to be used when option 121 is there
    std::vector<Route> classless_routes;     ///< option 121 (RFC 3442)
    std::vector<IpAddress> dns_servers;      ///< option 6
    std::vector<IpAddress> ntp_servers;      ///< option 42
    std::vector<IpAddress> log_servers;      ///< option 7
    std::string host_name;                   ///< option 12
    std::string domain_name;                 ///< option 15
    std::string root_path;                   ///< option 17 (RFC 4173)
    std::string boot_mode;                   ///< option 224
    std::string initiator_name;              ///< option 203
    std::optional<uint16_t> mtu;             ///< option 26
    std::chrono::seconds duration{0};        ///< option 51; 0xffffffff means for ever
    std::chrono::seconds renewal{0};         ///< option 58 (T1), or half the duration
    std::chrono::seconds rebinding{0};       ///< option 59 (T2), or 7/8 of the duration
};

}  // namespace bootwire::dhcp
