// Keeps the address of the boot interface: renews its lease, moves to another one if it must.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/event_loop.h"
#include "net/dhcp_interface.h"
#include "net/links.h"

namespace bootwire::session {

class LeaseKeeper {
  public:
    struct Handlers {
        /// The carrier is back, or there is an address again.
        std::function<void()> network_back;
        /// The address is another one now: connections from the old one are dead.
        std::function<void()> address_changed;
    };

    LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor, net::Link link,
                Handlers handlers);
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;
    ~LeaseKeeper();

    /// Goes on with a lease that is configured already. Without this, only the carrier is watched:
    /// a static address needs no more.
    Status keep(const dhcp::Lease& lease);

    const std::optional<dhcp::Lease>& lease() const { return lease_; }
    const net::Link& link() const { return link_; }

  private:
    void on_bound(const dhcp::Lease& renewed);
    void look_at_link();

    EventLoop& loop_;
    net::Links links_;
    net::LinkMonitor monitor_;
    net::Link link_;
    Handlers handlers_;
    std::optional<dhcp::Lease> lease_;
    std::unique_ptr<net::DhcpInterface> dhcp_;
};

}  // namespace bootwire::session
