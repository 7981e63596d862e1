// The IPv4 and UDP headers around a DHCP message, for a packet socket: before there is an address,
// the kernel's own IP stack neither sends from 0.0.0.0 nor delivers what is sent to the offered
// address. The socket is AF_PACKET, SOCK_DGRAM, ETH_P_IP: the kernel adds and removes the
// link-layer header, so that the same bytes fit Ethernet, Wi-Fi and VLAN interfaces.
#pragma once

#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::dhcp {

inline constexpr uint16_t server_port = 67;
inline constexpr uint16_t client_port = 68;

/// What the kernel says about the UDP checksum of a received packet: with the auxiliary data of
/// PACKET_AUXDATA, TP_STATUS_CSUMNOTREADY means `may_be_missing` (a server on the same machine or
/// behind a virtual interface that leaves the sum to hardware).
enum class Checksum { present, may_be_missing };

/// An IPv4 packet with `message` as UDP payload from port 68 to port 67, both sums filled in.
/// message: at most 65507 bytes.
std::vector<uint8_t> build_packet(const IpAddress& source, const IpAddress& destination,
                                  Bytes message);

/// A DHCP message that came to port 68, from whichever port; a view into the packet it was found
/// in.
struct ReceivedMessage {
    IpAddress source;
    IpAddress destination;
    Bytes message;
};

/// Finds the DHCP message in an IPv4 packet; bytes behind the packet's total length are left out.
/// Fails if the packet is anything else (which is nothing special: all of the host's packets come
/// by), if it is truncated or a fragment, or if a sum is wrong.
Result<ReceivedMessage> parse_packet(Bytes packet, Checksum checksum);

}  // namespace bootwire::dhcp
