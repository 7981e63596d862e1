// Keeps the address of the boot interface: renews its lease, moves to another one if it must, and
// puts back what somebody takes away, since the root disk is reached with it. An interface that
// vanishes and appears anew is known by its MAC.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/links.h"
#include "os/event_loop.h"
#include "uplink/addressed.h"
#include "uplink/dhcp_interface.h"

namespace bootwire::keeper {

/// What is kept, as it is set in the kernel.
struct KeptAddress {
    net::Link link;                  ///< that has the address
    std::optional<net::Link> below;  ///< the interface below a VLAN's
    std::optional<uint16_t> vlan;    ///< the VLAN's number, if there is one
    uplink::Addressed addressed;
    std::optional<dhcp::Lease> lease;  ///< nothing with a static address
    std::string host_name;             ///< the wish in DHCP option 12, until the system has one
};

class LeaseKeeper {
  public:
    struct Handlers {
        /// The carrier is back, or there is an address again.
        std::function<void()> network_back;
        /// The address is another one now: connections from the old one are dead.
        std::function<void()> address_changed;
        /// Each time that a server has granted or extended the lease.
        std::function<void(const dhcp::Lease&)> leased;
    };

    /// monitor: of LinkMonitor::Scope::addresses_too.
    LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor, KeptAddress kept,
                Handlers handlers);
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;
    ~LeaseKeeper();

    /// Goes on with the lease, if there is one. A static address only has to be there.
    Status keep();
    /// The system has given itself a name, which the DHCP server is told.
    void tell_host_name(const std::string& name);
    /// Nothing is renewed or put back any more: the link is about to go down for good.
    void let_go();

    /// The address, as it is to be set in the kernel.
    const IpPrefix& address() const { return kept_.addressed.address; }
    /// The last one that was granted. lost(): why it does not hold any more; empty if it does.
    const std::optional<dhcp::Lease>& lease() const { return kept_.lease; }
    const std::string& lost() const { return lost_; }
    /// Has another host the address, so that there is none until the next lease?
    bool gave_back() const { return given_back_; }
    const net::Link& link() const { return kept_.link; }
    /// The link, and the one below a VLAN's.
    std::vector<net::Link> links() const;

  private:
    Status open_dhcp();
    void on_bound(const dhcp::Lease& renewed);
    void on_lost(const dhcp::Lost& lost);
    net::Link& hardware() { return kept_.below ? *kept_.below : kept_.link; }
    void note_up();
    void look_at_links();
    void miss();
    void take_over(const net::Link& found);
    Status take(const net::Link& found);
    void look_at(net::Link& ours, const net::Link& now);
    void on_removed(const net::Removal& removal);
    void restore_soon();
    void forget_restore();
    void restore();
    void complain(const Error& error);
    Status put_back();

    EventLoop& loop_;
    net::Links links_;
    net::LinkMonitor monitor_;
    KeptAddress kept_;
    const net::Link hardware_;  // as it was at first, its MAC above all
    bool is_there_ = true;      // the hardware's interface
    bool given_back_ = false;   // the address, which another host has
    std::string lost_;          // why the lease is
    Handlers handlers_;
    std::unique_ptr<uplink::DhcpInterface> dhcp_;
    std::string missing_;  // what restore() is to put back; empty: perhaps nothing
    std::string trouble_;  // that there is with it, which the log is told once
    std::optional<EventLoop::TimerId> restore_timer_;
    EventLoop::TimerId look_timer_ = 0;
    std::optional<Moment> restored_at_;
};

}  // namespace bootwire::keeper
