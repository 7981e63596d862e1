// ARP as a DHCP client needs it: probing an address and announcing it (RFC 826, RFC 5227). Packets
// have no Ethernet header, as for a packet socket of AF_PACKET, SOCK_DGRAM and ETH_P_ARP; all are
// sent to the broadcast address.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/address.h"
#include "base/bytes.h"

namespace bootwire::dhcp {

using ArpPacket = std::array<uint8_t, 28>;

/// "Does anyone have this address?", with an empty sender address, so that it changes no cache
/// (RFC 5227 section 2.1.1).
ArpPacket build_arp_probe(const MacAddress& own, const IpAddress& address);
/// "I have this address now" (RFC 5227 section 2.3).
ArpPacket build_arp_announcement(const MacAddress& own, const IpAddress& address);

/// Another host that has the address, if the packet shows one: a request or an answer whose sender
/// has it. own: all interfaces of this machine, since Linux answers for an address on each of them.
/// Another host's probe for the same address (RFC 5227's second kind of conflict) does not count:
/// switches and DHCP servers send such probes to find out who is there.
std::optional<MacAddress> find_conflict(Bytes packet, const IpAddress& address,
                                        std::span<const MacAddress> own);

}  // namespace bootwire::dhcp
