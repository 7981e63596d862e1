#include "session/lease_keeper.h"

#include <algorithm>

#include "base/log.h"
#include "net/wired.h"

namespace bootwire::session {

LeaseKeeper::LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor,
                         net::Link link, Handlers handlers)
    : loop_(loop),
      links_(std::move(links)),
      monitor_(std::move(monitor)),
      link_(std::move(link)),
      handlers_(std::move(handlers)) {
    loop_.watch(monitor_.fd(), [this] {
        if (monitor_.changed()) look_at_link();
    });
}

LeaseKeeper::~LeaseKeeper() {
    loop_.unwatch(monitor_.fd());
}

Status LeaseKeeper::keep(const dhcp::Lease& lease) {
    lease_ = lease;
    dhcp::ClientSettings settings;
    settings.identity.mac = link_.mac;
    settings.root_path = dhcp::RootPath::ignored;
    settings.wish = lease.address.address;
    auto opened = net::DhcpInterface::open(
        loop_, link_, std::move(settings),
        {.bound = [this](const dhcp::Lease& renewed, bool) { on_bound(renewed); },
         // The address stays until another one is there: a root disk that is still reached with
         // it is worth more than a rule.
         .lost = [](const std::string& reason) { log::warning("the lease is lost: " + reason); }});
    if (!opened) return std::unexpected(opened.error());
    dhcp_ = std::move(*opened);
    dhcp_->resume(lease);
    return {};
}

void LeaseKeeper::on_bound(const dhcp::Lease& renewed) {
    const IpPrefix before = lease_->address;
    const auto applied = net::apply_lease(links_, link_, renewed, before);
    if (!applied) log::warning(applied.error().to_string());
    lease_ = renewed;
    if (renewed.address == before) return;
    log::warning("the address changes from " + before.to_string() + " to " +
                 renewed.address.to_string());
    handlers_.address_changed();
}

void LeaseKeeper::look_at_link() {
    const auto links = links_.list();
    if (!links) return;
    const auto found = std::ranges::find(*links, link_.index, &net::Link::index);
    if (found == links->end() || found->has_carrier == link_.has_carrier) return;
    link_ = *found;
    log::info(link_.name + (link_.has_carrier ? ": link is up" : ": link is down"));
    if (dhcp_) dhcp_->on_link(link_.has_carrier);
    if (link_.has_carrier) handlers_.network_back();
}

}  // namespace bootwire::session
