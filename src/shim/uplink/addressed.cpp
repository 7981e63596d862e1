#include "uplink/addressed.h"

#include <algorithm>

#include "os/log.h"

namespace bootwire::uplink {

Addressed addressed_by(const dhcp::Lease& lease) {
    return {lease.address, lease.routes(), lease.usable_mtu()};
}

Status apply_lease(net::Links& links, const net::Link& link, const dhcp::Lease& lease,
                   const std::optional<Addressed>& replaced) {
    const Addressed wanted = addressed_by(lease);
    if (!replaced) return apply(links, link, wanted);
    if (auto set = links.add_address(link, wanted.address); !set) return set;
    // What is gone already, for whatever reason, need not be removed.
    for (const Route& route : replaced->routes) {
        const bool stays = std::ranges::find(wanted.routes, route.destination,
                                             &Route::destination) != wanted.routes.end();
        if (!stays) (void)links.remove_route(link, route);
    }
    if (replaced->address != wanted.address) (void)links.remove_address(link, replaced->address);
    // With its subnet's first address the kernel removes the others (promote_secondaries in
    // ip-sysctl.rst): hence once more.
    return apply(links, link, wanted);
}

Status apply(net::Links& links, const net::Link& link, const Addressed& addressed, Routes routes) {
    if (addressed.mtu) {
        // A driver that refuses the MTU still works with its own.
        if (auto set = links.set_mtu(link, *addressed.mtu); !set) {
            log::warning(set.error().to_string());
        }
    }
    if (auto set = links.add_address(link, addressed.address); !set) return set;
    for (const Route& route : addressed.routes) {
        const auto set = links.set_route(link, route);
        if (!set && routes == Routes::needed) return set;
        if (!set) log::warning(set.error().to_string());
    }
    return {};
}

}  // namespace bootwire::uplink
