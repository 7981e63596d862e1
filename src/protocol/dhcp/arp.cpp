#include "dhcp/arp.h"

#include <algorithm>

namespace bootwire::dhcp {

namespace {

constexpr uint16_t request = 1;
constexpr uint16_t reply = 2;
/// Ethernet, IPv4, their address lengths.
constexpr uint8_t start[] = {0, 1, 8, 0, 6, 4};

ArpPacket build_request(const MacAddress& own, const IpAddress& sender, const IpAddress& target) {
    ArpPacket packet{};
    std::ranges::copy(start, packet.begin());
    store_be16(&packet[6], request);
    std::ranges::copy(own.bytes, &packet[8]);
    std::ranges::copy(sender.network_bytes(), &packet[14]);
    std::ranges::copy(target.network_bytes(), &packet[24]);
    return packet;
}

}  // namespace

ArpPacket build_arp_probe(const MacAddress& own, const IpAddress& address) {
    return build_request(own, IpAddress{}, address);
}

ArpPacket build_arp_announcement(const MacAddress& own, const IpAddress& address) {
    return build_request(own, address, address);
}

std::optional<MacAddress> find_conflict(Bytes packet, const IpAddress& address,
                                        std::span<const MacAddress> own) {
    if (packet.size() < ArpPacket{}.size()) return std::nullopt;
    if (!std::ranges::equal(packet.first(sizeof start), start)) return std::nullopt;
    const uint16_t operation = load_be16(&packet[6]);
    if (operation != request && operation != reply) return std::nullopt;
    if (IpAddress::v4(load_be32(&packet[14])) != address) return std::nullopt;
    MacAddress sender;
    std::ranges::copy(packet.subspan(8, 6), sender.bytes.begin());
    if (std::ranges::find(own, sender) != own.end()) return std::nullopt;
    return sender;
}

}  // namespace bootwire::dhcp
