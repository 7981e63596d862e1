#include "net/link_messages.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "net/netlink.h"

namespace bootwire::net {

namespace {

/// The message type's own header, with which the payload begins.
template <class Header>
std::optional<Header> head_of(Bytes payload) {
    Header header;
    if (payload.size() < NLMSG_ALIGN(sizeof header)) return std::nullopt;
    std::memcpy(&header, payload.data(), sizeof header);
    return header;
}

template <class Header>
Bytes behind(Bytes payload) {
    return payload.subspan(NLMSG_ALIGN(sizeof(Header)));
}

std::string text_before_nul(Bytes value) {
    const std::string_view text = text_of(value);
    return std::string(text.substr(0, text.find('\0')));
}

bool is_interface_name(std::string_view name) {
    const auto is_forbidden = [](char c) {
        return c == '/' || c == ':' || c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
    };
    return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
           std::ranges::none_of(name, is_forbidden);
}

template <class Number>
void take(Bytes value, Number& number) {
    if (value.size() == sizeof number) std::memcpy(&number, value.data(), sizeof number);
}

/// The address of an attribute of that many bits' prefix; nothing if it is no IPv4 address.
std::optional<IpPrefix> v4_prefix(Bytes value, uint8_t length) {
    if (value.size() != 4 || length > 32) return std::nullopt;
    return IpPrefix{IpAddress::v4(load_be32(value.data())), length};
}

std::optional<LinkAddress> decode_any_address(Bytes payload) {
    const auto info = head_of<ifaddrmsg>(payload);
    if (!info || info->ifa_family != AF_INET) return std::nullopt;
    std::optional<IpPrefix> local;
    for_each_attribute(behind<ifaddrmsg>(payload), [&](uint16_t attribute, Bytes value) {
        if (attribute == IFA_LOCAL) local = v4_prefix(value, info->ifa_prefixlen);
    });
    if (!local || static_cast<int>(info->ifa_index) <= 0) return std::nullopt;
    return LinkAddress{static_cast<int>(info->ifa_index), *local};
}

std::optional<Removal> decode_route(Bytes payload) {
    const auto info = head_of<rtmsg>(payload);
    if (!info || info->rtm_family != AF_INET || info->rtm_table != RT_TABLE_MAIN) {
        return std::nullopt;
    }
    Removal removal;
    removal.is_route = true;
    // The default route's destination is left out.
    std::optional<IpPrefix> destination;
    if (info->rtm_dst_len == 0) destination.emplace();
    for_each_attribute(behind<rtmsg>(payload), [&](uint16_t attribute, Bytes value) {
        if (attribute == RTA_DST) destination = v4_prefix(value, info->rtm_dst_len);
        if (attribute == RTA_OIF) take(value, removal.link);
    });
    // A route over several links names none.
    if (!destination || removal.link < 0) return std::nullopt;
    removal.what = *destination;
    return removal;
}

}  // namespace

std::optional<Link> decode_link(uint16_t type, Bytes payload) {
    const auto info = head_of<ifinfomsg>(payload);
    if (type != RTM_NEWLINK || !info) return std::nullopt;
    Link link;
    link.index = info->ifi_index;
    link.is_ethernet = info->ifi_type == ARPHRD_ETHER;
    link.is_up = (info->ifi_flags & IFF_UP) != 0;
    link.has_carrier = (info->ifi_flags & IFF_LOWER_UP) != 0;
    for_each_attribute(behind<ifinfomsg>(payload), [&](uint16_t attribute, Bytes value) {
        if (attribute == IFLA_IFNAME) link.name = text_before_nul(value);
        if (attribute == IFLA_LINKINFO) {
            for_each_attribute(value, [&](uint16_t inner, Bytes text) {
                if (inner == IFLA_INFO_KIND) link.kind = text_before_nul(text);
            });
        }
        if (attribute == IFLA_CARRIER_UP_COUNT) take(value, link.carrier_ups);
        if (attribute == IFLA_ADDRESS && value.size() == link.mac.bytes.size()) {
            std::ranges::copy(value, link.mac.bytes.begin());
        }
    });
    if (link.index <= 0 || !is_interface_name(link.name)) return std::nullopt;
    return link;
}

std::optional<LinkAddress> decode_address(uint16_t type, Bytes payload) {
    return type == RTM_NEWADDR ? decode_any_address(payload) : std::nullopt;
}

std::optional<Removal> decode_removal(uint16_t type, Bytes payload) {
    if (type == RTM_DELROUTE) return decode_route(payload);
    if (type != RTM_DELADDR) return std::nullopt;
    const auto gone = decode_any_address(payload);
    if (!gone) return std::nullopt;
    return Removal{gone->link, gone->address, false};
}

}  // namespace bootwire::net
