// Datagrams of rtnetlink: what is decoded of links, addresses and routes can be one, and comes out
// again of a message that is made of it.
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/link_messages.h"
#include "net/netlink.h"

using namespace bootwire;
using namespace bootwire::net;

namespace {

/// The payload of the one message that the request is.
Bytes payload_of(NetlinkRequest& request) {
    Bytes found;
    int count = 0;
    for_each_message(request.finish(1), [&](const nlmsghdr&, Bytes payload) {
        found = payload;
        return ++count < 2;
    });
    if (count != 1) std::abort();
    return found;
}

void check(const Link& link) {
    const std::string& name = link.name;
    if (link.index <= 0 || name.empty() || name.size() >= IFNAMSIZ) std::abort();
    if (name.find_first_of("/: \t\n") != name.npos || name == "..") std::abort();
    if (link.kind.contains('\0') || link.is_wireless || link.is_virtual) std::abort();

    ifinfomsg info{};
    info.ifi_index = link.index;
    info.ifi_type = link.is_ethernet ? ARPHRD_ETHER : ARPHRD_LOOPBACK;
    if (link.is_up) info.ifi_flags |= IFF_UP;
    if (link.has_carrier) info.ifi_flags |= IFF_LOWER_UP;
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header(info).attribute(IFLA_IFNAME, std::string_view(name));
    request.attribute(IFLA_ADDRESS, Bytes(link.mac.bytes));
    request.begin(IFLA_LINKINFO).attribute(IFLA_INFO_KIND, std::string_view(link.kind)).end();
    request.attribute(IFLA_CARRIER_UP_COUNT, link.carrier_ups);
    const auto again = decode_link(RTM_NEWLINK, payload_of(request));
    const bool same = again && again->index == link.index && again->name == name &&
                      again->mac == link.mac && again->kind == link.kind &&
                      again->is_ethernet == link.is_ethernet && again->is_up == link.is_up &&
                      again->has_carrier == link.has_carrier &&
                      again->carrier_ups == link.carrier_ups;
    // One attribute has at most 64 KiB, its head included.
    if (!same && link.kind.size() < 60'000) std::abort();
}

void check_v4(const IpPrefix& prefix) {
    if (!prefix.address.is_v4() || prefix.length > 32) std::abort();
}

void check(const Removal& removal) {
    check_v4(removal.what);
    if (removal.link < 0 || (!removal.is_route && removal.link == 0)) std::abort();
    const uint16_t type = removal.is_route ? RTM_DELROUTE : RTM_DELADDR;
    NetlinkRequest request(type, 0);
    if (removal.is_route) {
        rtmsg info{};
        info.rtm_family = AF_INET;
        info.rtm_table = RT_TABLE_MAIN;
        info.rtm_dst_len = removal.what.length;
        request.header(info).attribute(RTA_OIF, static_cast<uint32_t>(removal.link));
        request.attribute(RTA_DST, removal.what.address.network_bytes());
    } else {
        ifaddrmsg info{};
        info.ifa_family = AF_INET;
        info.ifa_index = static_cast<uint32_t>(removal.link);
        info.ifa_prefixlen = removal.what.length;
        request.header(info).attribute(IFA_LOCAL, removal.what.address.network_bytes());
    }
    const auto again = decode_removal(type, payload_of(request));
    if (!again || again->link != removal.link || again->what != removal.what ||
        again->is_route != removal.is_route) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    size_t messages = 0;
    for_each_message({data, size}, [&](const nlmsghdr& header, Bytes payload) {
        if (++messages > size / sizeof(nlmsghdr)) std::abort();
        if (payload.data() < data || payload.data() + payload.size() > data + size) std::abort();
        if (const auto link = decode_link(header.nlmsg_type, payload)) check(*link);
        if (const auto removal = decode_removal(header.nlmsg_type, payload)) check(*removal);
        if (const auto found = decode_address(header.nlmsg_type, payload)) {
            check_v4(found->address);
            if (found->link <= 0) std::abort();
        }
        return true;
    });
    return 0;
}
