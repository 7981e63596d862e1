// An address with its routes and MTU: as it is asked for, and as it is set in the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "dhcp/lease.h"
#include "net/links.h"

namespace bootwire::uplink {

/// An address on a link with its routes, as they are set in the kernel.
struct Addressed {
    IpPrefix address;
    std::vector<Route> routes;
    std::optional<uint16_t> mtu{};  ///< nothing: the driver's own
};

/// What a lease asks for.
Addressed addressed_by(const dhcp::Lease& lease);

/// Sets the lease's address, routes and MTU on the link, and removes what it replaces.
Status apply_lease(net::Links& links, const net::Link& link, const dhcp::Lease& lease,
                   const std::optional<Addressed>& replaced = std::nullopt);
/// What becomes of a route that the kernel refuses.
enum class Routes : uint8_t {
    wished,  ///< it is warned of
    needed,  ///< it is an error
};
/// Sets all of it, whether or not it is there already.
Status apply(net::Links& links, const net::Link& link, const Addressed& addressed,
             Routes routes = Routes::wished);

}  // namespace bootwire::uplink
