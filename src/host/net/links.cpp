#include "net/links.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "net/link_messages.h"

namespace bootwire::net {

namespace {

unsigned char address_family(const IpAddress& address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

bool exists(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

void look_into_sysfs(Link& link) {
    const std::string folder = "/sys/class/net/" + link.name;
    link.is_wireless = exists(folder + "/phy80211");
    link.is_virtual = !exists(folder + "/device");
}

ifinfomsg link_header(const Link& link) {
    ifinfomsg info{};
    info.ifi_family = AF_UNSPEC;
    info.ifi_index = link.index;
    return info;
}

}  // namespace

bool carrier_changed(const Link& before, const Link& now) {
    if (before.has_carrier != now.has_carrier) return true;
    return now.has_carrier && before.carrier_ups != now.carrier_ups;
}

Result<Links> Links::open() {
    auto socket = NetlinkSocket::open();
    if (!socket) return std::unexpected(socket.error());
    return Links(std::move(*socket));
}

Result<std::vector<Link>> Links::list() {
    NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP);
    request.header(ifinfomsg{});
    std::vector<Link> links;
    const auto status = socket_.dump(request, "cannot list the network interfaces",
                                     [&](uint16_t type, Bytes payload) {
                                         auto link = decode_link(type, payload);
                                         if (!link) return;
                                         look_into_sysfs(*link);
                                         links.push_back(std::move(*link));
                                     });
    if (!status) return std::unexpected(status.error());
    return links;
}

Status Links::set_up(const Link& link) {
    return set_flags(link, IFF_UP, "up");
}

Status Links::set_down(const Link& link) {
    return set_flags(link, 0, "down");
}

Status Links::set_flags(const Link& link, unsigned flags, const std::string& what) {
    ifinfomsg info = link_header(link);
    info.ifi_flags = flags;
    info.ifi_change = IFF_UP;
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header(info);
    return socket_.perform(request, "cannot set the interface " + link.name + " " + what);
}

Status Links::set_mtu(const Link& link, uint16_t mtu) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header(link_header(link)).attribute(IFLA_MTU, uint32_t{mtu});
    return socket_.perform(request,
                           "cannot set the MTU of " + link.name + " to " + std::to_string(mtu));
}

Status Links::change_address(uint16_t type, uint16_t flags, const Link& link,
                             const IpPrefix& address, const std::string& what) {
    ifaddrmsg info{};
    info.ifa_family = address_family(address.address);
    info.ifa_prefixlen = address.length;
    info.ifa_index = static_cast<uint32_t>(link.index);
    NetlinkRequest request(type, flags);
    request.header(info).attribute(IFA_LOCAL, address.address.network_bytes());
    request.attribute(IFA_ADDRESS, address.address.network_bytes());
    if (address.address.is_v4() && address.length < 31) {
        const uint32_t host_bits = 0xffffffffu >> address.length;
        const auto broadcast = IpAddress::v4(address.address.v4_host_order() | host_bits);
        request.attribute(IFA_BROADCAST, broadcast.network_bytes());
    }
    return socket_.perform(request, what + " " + address.to_string() + " on " + link.name);
}

Status Links::add_address(const Link& link, const IpPrefix& address) {
    return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, link, address,
                          "cannot set the address");
}

Status Links::remove_address(const Link& link, const IpPrefix& address) {
    return change_address(RTM_DELADDR, 0, link, address, "cannot remove the address");
}

Status Links::flush(const Link& link) {
    NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP);
    ifaddrmsg all{};
    request.header(all);
    std::vector<IpPrefix> addresses;
    const auto listed =
        socket_.dump(request, "cannot list the addresses", [&](uint16_t type, Bytes payload) {
            const auto found = decode_address(type, payload);
            if (found && found->link == link.index) addresses.push_back(found->address);
        });
    if (!listed) return listed;
    for (const IpPrefix& address : addresses) {
        if (auto removed = remove_address(link, address); !removed) return removed;
    }
    return {};
}

Status Links::set_route(const Link& link, const Route& route, uint32_t metric) {
    return change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, link, route, metric,
                        "cannot set the route");
}

Status Links::remove_route(const Link& link, const Route& route) {
    return change_route(RTM_DELROUTE, 0, link, route, 0, "cannot remove the route");
}

Status Links::change_route(uint16_t type, uint16_t flags, const Link& link, const Route& route,
                           uint32_t metric, const std::string& what) {
    rtmsg info{};
    info.rtm_family = address_family(route.destination.address);
    info.rtm_dst_len = route.destination.length;
    info.rtm_table = RT_TABLE_MAIN;
    info.rtm_protocol = RTPROT_DHCP;
    info.rtm_type = RTN_UNICAST;
    const bool on_link = route.router.is_unspecified();
    info.rtm_scope = on_link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    // A router outside the address's own prefix is legal (RFC 3442, /32 leases of cloud networks).
    if (!on_link) info.rtm_flags = RTNH_F_ONLINK;
    NetlinkRequest request(type, flags);
    request.header(info);
    if (route.destination.length > 0) {
        request.attribute(RTA_DST, route.destination.address.network_bytes());
    }
    if (!on_link) request.attribute(RTA_GATEWAY, route.router.network_bytes());
    request.attribute(RTA_OIF, static_cast<uint32_t>(link.index));
    if (metric != 0) request.attribute(RTA_PRIORITY, metric);
    return socket_.perform(request, what + " to " + route.destination.to_string());
}

Result<Link> Links::add_vlan(const Link& link, uint16_t id) {
    const std::string name =
        link.name.substr(0, IFNAMSIZ - 6) + "." + std::to_string(id);  // 15 characters at most
    NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE);
    request.header(ifinfomsg{}).attribute(IFLA_IFNAME, name);
    request.attribute(IFLA_LINK, static_cast<uint32_t>(link.index));
    request.begin(IFLA_LINKINFO).attribute(IFLA_INFO_KIND, std::string_view("vlan"));
    request.begin(IFLA_INFO_DATA).attribute16(IFLA_VLAN_ID, id).end().end();
    const auto created = socket_.perform(request, "cannot create the VLAN interface " + name);
    auto links = list();
    if (!links) return std::unexpected(links.error());
    const auto found = std::ranges::find(*links, name, &Link::name);
    if (found != links->end()) return *found;
    return std::unexpected(created.error());
}

Result<LinkMonitor> LinkMonitor::open(Scope scope) {
    const uint32_t addresses =
        scope == Scope::addresses_too ? RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE : 0;
    auto socket = NetlinkSocket::open(RTMGRP_LINK | addresses);
    if (!socket) return std::unexpected(socket.error());
    return LinkMonitor(std::move(*socket));
}

bool LinkMonitor::changed(const std::function<void(const Removal&)>& removed) {
    bool any = false;
    const bool complete = socket_.drain([&](uint16_t type, Bytes payload) {
        any = any || type == RTM_NEWLINK || type == RTM_DELLINK;
        const auto removal = decode_removal(type, payload);
        if (removal && removed) removed(*removal);
    });
    if (!complete && removed) removed({});
    return any || !complete;
}

}  // namespace bootwire::net
