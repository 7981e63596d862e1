// Addresses of the network, of either family, as plain values. Their texts need neither heap nor
// system: to_string() is for those who have one.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/fixed_text.h"

namespace bootwire {

/// An IPv4 or IPv6 address. Bytes are in network order; an IPv4 address uses the first four.
struct IpAddress {
    enum class Family : uint8_t { v4, v6 };

    Family family = Family::v4;
    std::array<uint8_t, 16> bytes{};

    static IpAddress v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
    /// From a host-order number: 0xc0a8010a is 192.168.1.10.
    static IpAddress v4(uint32_t host_order);
    static IpAddress v6(std::span<const uint8_t, 16> network_order);
    /// "192.168.1.10" or "fe80::1" (no brackets, no zone, no port); nothing else is accepted, just
    /// as by inet_pton(3): no leading zeros in decimal numbers, no shortened IPv4 addresses.
    static std::optional<IpAddress> parse(std::string_view text);

    /// The IPv4 address as a host-order number. Only for v4.
    uint32_t v4_host_order() const;
    bool is_v4() const { return family == Family::v4; }
    /// 0.0.0.0 or ::.
    bool is_unspecified() const;
    std::span<const uint8_t> network_bytes() const;
    /// As inet_ntop(3) writes it: RFC 5952, and "::ffff:192.168.1.10".
    FixedText<39> text() const;
    std::string to_string() const { return std::string(text().view()); }

    auto operator<=>(const IpAddress&) const = default;
};

/// An address with the length of its network prefix in bits (0–32 or 0–128).
struct IpPrefix {
    IpAddress address;
    uint8_t length = 0;

    /// "10.0.0.2/24" or "fd00::2/64". The length is required.
    static std::optional<IpPrefix> parse(std::string_view text);
    bool contains(const IpAddress& other) const;
    std::string to_string() const;

    auto operator<=>(const IpPrefix&) const = default;
};

/// 255.255.255.0 → 24; nothing for a mask with holes.
std::optional<uint8_t> prefix_length_of_netmask(const IpAddress& netmask);
/// The mask that classful addressing (RFC 791) gives an address without one.
uint8_t classful_prefix_length(const IpAddress& address);

/// An address and a TCP or UDP port in host order.
struct Endpoint {
    IpAddress address;
    uint16_t port = 0;

    /// "192.168.1.10:3260" or "[fd00::1]:3260".
    std::string to_string() const;
    auto operator<=>(const Endpoint&) const = default;
};

struct MacAddress {
    std::array<uint8_t, 6> bytes{};

    /// "dc:a6:32:01:02:03"; '-' is accepted for ':'.
    static std::optional<MacAddress> parse(std::string_view text);
    FixedText<17> text() const;
    std::string to_string() const { return std::string(text().view()); }
    auto operator<=>(const MacAddress&) const = default;
};

/// A destination and the router on the way to it; a destination of length 0 is the default route.
/// An unspecified router means that the destination is on the link.
struct Route {
    IpPrefix destination;
    IpAddress router;

    /// The default route of the router's family.
    static Route default_via(const IpAddress& router) { return {{{router.family, {}}, 0}, router}; }
    auto operator<=>(const Route&) const = default;
};

}  // namespace bootwire
