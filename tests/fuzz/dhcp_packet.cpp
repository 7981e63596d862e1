// Any IPv4 packet (the first byte says whether sums count), then the same bytes as ARP.
#include <cstdlib>

#include "dhcp/arp.h"
#include "dhcp/packet.h"

using namespace bootwire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto checksum = data[0] & 1 ? dhcp::Checksum::may_be_missing : dhcp::Checksum::present;
    const Bytes packet(data + 1, size - 1);
    if (const auto received = dhcp::parse_packet(packet, checksum)) {
        const Bytes message = received->message;
        if (message.size() + 28 > packet.size()) abort();
        // What we build ourselves goes the other way, and is intact.
        auto built = dhcp::build_packet(received->source, received->destination, message);
        if (dhcp::parse_packet(built, dhcp::Checksum::present)) abort();
        std::swap(built[21], built[23]);
        if (!dhcp::parse_packet(built, dhcp::Checksum::present)) abort();
    }
    const MacAddress own[] = {{{2, 0, 0, 0, 0, 1}}};
    dhcp::find_conflict(packet, IpAddress::v4(10, 0, 0, 50), own);
    return 0;
}
