// Bringing up the wired network: all interfaces at once, and the first with a usable answer wins.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "dhcp/client.h"
#include "net/links.h"
#include "os/event_loop.h"
#include "uplink/addressed.h"
#include "uplink/dhcp_interface.h"

namespace bootwire::uplink {

/// What is known before the network is there.
struct UplinkSettings {
    std::optional<Addressed> static_address;  ///< nothing: DHCP
    std::string device;                       ///< only this interface; empty: any wired one
    std::optional<uint16_t> vlan;             ///< 1–4094, above the interface
    std::string host_name;                    ///< the wish in DHCP option 12
    dhcp::RootPathPolicy root_path = dhcp::RootPathPolicy::required;
    std::function<std::string(const dhcp::Lease&)> find_flaw;  ///< dhcp::ClientSettings::find_flaw
    /// Told now and then what is being waited for; may be empty. The log has it already.
    std::function<void(const Error&)> on_waiting;
    /// Asked at least every second: an error ends the waiting, and is what bring_up() returns.
    std::function<Status()> go_on = [] { return Status(); };
};

/// The network that the disk will be reached over.
struct Network {
    net::Link link;                  ///< that has the address
    std::optional<net::Link> below;  ///< the interface below a VLAN's
    IpPrefix address;
    std::optional<dhcp::Lease> lease;  ///< nothing with a static address
};

/// Brings the network up, and knows for the rest of the boot whether its address is still ours.
class Uplink {
  public:
    /// Waits, for as long as it takes, for an interface with an address that is configured in the
    /// kernel then. Says in the log what it waits for.
    static Result<std::unique_ptr<Uplink>> bring_up(const UplinkSettings& settings);
    virtual ~Uplink() = default;

    virtual const Network& network() const = 0;
    /// Looks, without waiting, at what has come since: an error if another host turned out to have
    /// the address (RFC 2131 section 4.4.1; the server has been told) or the lease has ended.
    virtual Status check() = 0;
};

}  // namespace bootwire::uplink
