// What a DHCP server granted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "base/time.h"

namespace bootwire::dhcp {

struct Message;

/// Lease::duration of a lease that never ends (RFC 2132 section 9.2).
inline constexpr std::chrono::seconds forever{0xffffffff};

/// A lease with the options bootwire asks for. Text options hold the bytes as they came, trailing
/// NULs removed: whoever uses one checks it. No list is longer than 16.
struct Lease {
    IpPrefix address;  ///< yiaddr with option 1 (or the classful mask, RFC 791)
    IpAddress server;  ///< option 54, the server identifier; unspecified if there was none
    std::vector<IpAddress> routers;       ///< option 3: see routes()
    std::vector<Route> classless_routes;  ///< option 121 (RFC 3442): see routes()
    bool routes_are_microsofts = false;   ///< option 249: those of 121 from old Windows servers
    std::vector<IpAddress> dns_servers;   ///< option 6
    std::vector<IpAddress> ntp_servers;   ///< option 42
    std::vector<IpAddress> log_servers;   ///< option 7
    std::string host_name;                ///< option 12
    std::string domain_name;              ///< option 15
    std::string root_path;                ///< option 17 (RFC 4173)
    std::string boot_mode;                ///< option 224
    std::string initiator_name;           ///< option 203
    /// Where a Pi's firmware asks for files: siaddr, else the first of option 150, else option 66,
    /// an address or a name, else the server itself; empty if it is unknown.
    std::string tftp_server;
    std::optional<uint16_t> mtu;        ///< option 26, at least 68: see usable_mtu()
    std::chrono::seconds duration{0};   ///< option 51; `forever`, or at least 10 s
    std::chrono::seconds renewal{0};    ///< option 58 (T1), or half the duration
    std::chrono::seconds rebinding{0};  ///< option 59 (T2), or 7/8 of the duration
    Moment since{0};  ///< when it was asked for: duration, T1 and T2 count from here (RFC 2131
                      ///< section 4.4.1). Set by the client.

    /// What is to be set: the classless routes or, without any, a default route over the first
    /// router, which is the preferred one (RFC 2132 section 3.5).
    std::vector<Route> routes() const;
    /// The option that routes() are from, if there are any.
    uint8_t routes_option() const;
    /// At least 576: less than what every host must take (RFC 791) is a mistake.
    std::optional<uint16_t> usable_mtu() const;
};

/// What an OFFER or ACK grants. Tolerant of options that are missing or make no sense (a mask with
/// holes, T1 beyond T2, a lease time that is missing: one hour then); fails only if the address
/// given is none that a host can have.
Result<Lease> read_lease(const Message& message);

}  // namespace bootwire::dhcp
