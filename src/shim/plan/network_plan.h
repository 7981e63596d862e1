// The network's part of the plan. It can be made as soon as the network is there, whatever the rest
// of the plan comes to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "dhcp/lease.h"
#include "plan/request.h"
#include "plan/settings.h"
#include "plan/source.h"
#include "plan/values.h"

namespace bootwire::plan {

struct NetworkPlan {
    Field<IpPrefix> address;  ///< our own, static or leased
    Field<std::vector<Route>> routes;
    Field<std::optional<uint16_t>> mtu;   ///< bytes, 576 to 65535; nothing: the link's own
    Field<std::optional<uint16_t>> vlan;  ///< 1 to 4094; nothing: untagged
    Field<std::vector<IpAddress>> dns_servers;
    Field<std::vector<IpAddress>> ntp_servers;
    Field<std::string> host_name;            ///< empty: the system's own
    Field<std::string> domain_name;          ///< empty: none
    Field<std::vector<Portal>> log_servers;  ///< UDP; empty: none

    /// Takes over what a later lease says of name servers and domain, by the rules of
    /// plan_network(): those of the operator stay, and what the lease leaves out stays as it is.
    /// True if anything is different now.
    bool follow(const dhcp::Lease& lease);
};

/// What the request asks for, and what it leaves open as the lease has it. lease: nothing with a
/// static address. What is not usable is a warning, and left out.
NetworkPlan plan_network(const Request& request, const std::optional<dhcp::Lease>& lease,
                         Report& report);

}  // namespace bootwire::plan
