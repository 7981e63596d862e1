#include "dhcp/packet.h"

#include <algorithm>
#include <string>

namespace bootwire::dhcp {

namespace {

constexpr size_t ip_header_size = 20;
constexpr size_t udp_header_size = 8;
constexpr uint8_t protocol_udp = 17;
constexpr uint16_t more_fragments_or_offset = 0x3fff;

/// Adds big-endian 16-bit words, the last one padded with a zero (RFC 1071).
uint32_t sum_words(Bytes bytes, uint32_t sum = 0) {
    for (size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum += load_be16(&bytes[i]);
    if (bytes.size() % 2 == 1) sum += uint32_t{bytes.back()} << 8;
    return sum;
}

uint16_t fold(uint32_t sum) {
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

/// Over the pseudo header and the datagram (RFC 768); 0 if the datagram holds its right sum.
uint16_t udp_checksum(Bytes addresses, Bytes datagram) {
    const uint32_t pseudo =
        sum_words(addresses) + protocol_udp + static_cast<uint32_t>(datagram.size());
    return fold(sum_words(datagram, pseudo));
}

}  // namespace

std::vector<uint8_t> build_packet(const IpAddress& source, const IpAddress& destination,
                                  Bytes message) {
    const size_t size = ip_header_size + udp_header_size + message.size();
    std::vector<uint8_t> packet(size);
    packet[0] = 0x45;
    packet[1] = 0x10;  // low delay, as other DHCP clients mark it
    store_be16(&packet[2], static_cast<uint16_t>(size));
    packet[8] = 64;
    packet[9] = protocol_udp;
    store_be32(&packet[12], source.v4_host_order());
    store_be32(&packet[16], destination.v4_host_order());
    store_be16(&packet[10], fold(sum_words(Bytes(packet).first(ip_header_size))));

    uint8_t* udp = &packet[ip_header_size];
    store_be16(udp, client_port);
    store_be16(udp + 2, server_port);
    store_be16(udp + 4, static_cast<uint16_t>(udp_header_size + message.size()));
    std::ranges::copy(message, packet.begin() + ip_header_size + udp_header_size);
    const uint16_t sum =
        udp_checksum(Bytes(packet).subspan(12, 8), Bytes(packet).subspan(ip_header_size));
    store_be16(udp + 6, sum == 0 ? 0xffff : sum);
    return packet;
}

Result<ReceivedMessage> parse_packet(Bytes packet, Checksum checksum) {
    if (packet.size() < ip_header_size || packet[0] >> 4 != 4) return fail("not an IPv4 packet");
    const size_t header_size = size_t{packet[0] & 0x0fu} * 4;
    const size_t total_size = load_be16(&packet[2]);
    if (header_size < ip_header_size || total_size < header_size || total_size > packet.size()) {
        return fail("an IPv4 packet of impossible length");
    }
    const Bytes header = packet.first(header_size);
    if (header[9] != protocol_udp) return fail("not a UDP packet");
    if (load_be16(&header[6]) & more_fragments_or_offset) return fail("a fragment of a packet");
    if (fold(sum_words(header)) != 0) return fail("an IPv4 header with a wrong checksum");

    Bytes datagram = packet.subspan(header_size, total_size - header_size);
    if (datagram.size() < udp_header_size) return fail("a UDP packet without a whole header");
    // Some servers behind a NAT or in a container answer from another port than theirs.
    if (load_be16(&datagram[2]) != client_port) return fail("not to a DHCP client's port");
    const size_t udp_size = load_be16(&datagram[4]);
    if (udp_size < udp_header_size || udp_size > datagram.size()) {
        return fail("a UDP packet of impossible length");
    }
    datagram = datagram.first(udp_size);
    const bool summed = load_be16(&datagram[6]) != 0;
    if (summed && checksum == Checksum::present &&
        udp_checksum(packet.subspan(12, 8), datagram) != 0) {
        return fail("a UDP packet with a wrong checksum");
    }
    return ReceivedMessage{IpAddress::v4(load_be32(&packet[12])),
                           IpAddress::v4(load_be32(&packet[16])),
                           datagram.subspan(udp_header_size)};
}

}  // namespace bootwire::dhcp
