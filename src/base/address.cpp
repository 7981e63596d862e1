#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

#include "base/text.h"

namespace bootwire {

IpAddress IpAddress::v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    IpAddress address;
    address.bytes = {a, b, c, d};
    return address;
}

IpAddress IpAddress::v4(uint32_t host_order) {
    return v4(static_cast<uint8_t>(host_order >> 24), static_cast<uint8_t>(host_order >> 16),
              static_cast<uint8_t>(host_order >> 8), static_cast<uint8_t>(host_order));
}

IpAddress IpAddress::v6(std::span<const uint8_t, 16> network_order) {
    IpAddress address;
    address.family = Family::v6;
    std::ranges::copy(network_order, address.bytes.begin());
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
    const std::string copy(text);
    IpAddress address;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
    address.bytes = {};
    address.family = Family::v6;
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

uint32_t IpAddress::v4_host_order() const {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool IpAddress::is_unspecified() const {
    return std::ranges::all_of(network_bytes(), [](uint8_t byte) { return byte == 0; });
}

std::span<const uint8_t> IpAddress::network_bytes() const {
    return std::span(bytes).first(is_v4() ? 4 : 16);
}

std::string IpAddress::to_string() const {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
    return text;
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto length = parse_number<uint8_t>(text.substr(slash + 1));
    if (!address || !length || *length > (address->is_v4() ? 32 : 128)) return std::nullopt;
    return IpPrefix{*address, *length};
}

bool IpPrefix::contains(const IpAddress& other) const {
    if (other.family != address.family) return false;
    const auto mine = address.network_bytes();
    const auto theirs = other.network_bytes();
    const size_t whole = std::min<size_t>(length / 8, mine.size());
    if (!std::equal(mine.begin(), mine.begin() + static_cast<ptrdiff_t>(whole), theirs.begin())) {
        return false;
    }
    const unsigned rest = length % 8;
    if (rest == 0 || whole == mine.size()) return true;
    const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
    return (mine[whole] & mask) == (theirs[whole] & mask);
}

std::string IpPrefix::to_string() const {
    return address.to_string() + "/" + std::to_string(length);
}

std::optional<uint8_t> prefix_length_of_netmask(const IpAddress& netmask) {
    const uint32_t mask = netmask.v4_host_order();
    const int ones = std::countl_one(mask);
    if (std::popcount(mask) != ones) return std::nullopt;
    return static_cast<uint8_t>(ones);
}

uint8_t classful_prefix_length(const IpAddress& address) {
    if (address.bytes[0] < 128) return 8;
    return address.bytes[0] < 192 ? 16 : 24;
}

std::string Endpoint::to_string() const {
    const std::string host = address.to_string();
    return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    if (text.size() != 17) return std::nullopt;
    MacAddress mac;
    for (size_t i = 0; i < 6; ++i) {
        if (i > 0 && text[i * 3 - 1] != ':' && text[i * 3 - 1] != '-') return std::nullopt;
        const auto byte = parse_number<uint8_t>(text.substr(i * 3, 2), 16);
        if (!byte) return std::nullopt;
        mac.bytes[i] = *byte;
    }
    return mac;
}

std::string MacAddress::to_string() const {
    char text[18];
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
                  bytes[3], bytes[4], bytes[5]);
    return text;
}

}  // namespace bootwire
