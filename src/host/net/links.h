// The machine's network interfaces and what is set on them, through rtnetlink(7).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "net/netlink.h"

namespace bootwire::net {

/// An interface as the kernel describes it.
struct Link {
    int index = 0;
    std::string name;
    MacAddress mac;
    bool is_ethernet = false;  ///< ARPHRD_ETHER; loopback, tunnels and the like are not
    bool is_wireless = false;
    bool is_virtual = false;  ///< VLAN, bridge, dummy: no hardware below it, as sysfs has it
    std::string kind;         ///< "vlan", "bridge" (IFLA_INFO_KIND); empty for hardware
    bool is_up = false;       ///< administratively
    bool has_carrier = false;
    /// How often the carrier has come (IFLA_CARRIER_UP_COUNT of if_link.h).
    uint32_t carrier_ups = 0;
};

/// Has the carrier come or gone between two looks at the same link? One that went and came back
/// counts, too: the kernel tells of each only if there is time enough between them
/// (net/core/link_watch.c).
bool carrier_changed(const Link& before, const Link& now);

/// Reads and changes interfaces, addresses and routes.
class Links {
  public:
    static Result<Links> open();

    Result<std::vector<Link>> list();
    Status set_up(const Link& link);
    /// Its routes go; its addresses stay.
    Status set_down(const Link& link);
    Status set_mtu(const Link& link, uint16_t mtu);
    Status add_address(const Link& link, const IpPrefix& address);
    Status remove_address(const Link& link, const IpPrefix& address);
    /// Removes every address of the link, and with them its routes.
    Status flush(const Link& link);
    /// Adds or replaces the route. metric: lower is preferred, 0 is the kernel's default.
    Status set_route(const Link& link, const Route& route, uint32_t metric = 0);
    Status remove_route(const Link& link, const Route& route);
    /// Creates (or finds) the VLAN interface NAME.ID above the link; id: 1–4094.
    Result<Link> add_vlan(const Link& link, uint16_t id);

  private:
    explicit Links(NetlinkSocket socket) : socket_(std::move(socket)) {}
    Status set_flags(const Link& link, unsigned flags, const std::string& what);
    Status change_address(uint16_t type, uint16_t flags, const Link& link, const IpPrefix& address,
                          const std::string& what);
    Status change_route(uint16_t type, uint16_t flags, const Link& link, const Route& route,
                        uint32_t metric, const std::string& what);

    NetlinkSocket socket_;
};

/// An address that is no longer on its link, or the destination of a route that is gone.
struct Removal {
    int link = 0;  ///< index; 0: events got lost, and it may be any
    IpPrefix what;
    bool is_route = false;
};

/// Tells of interfaces that appear, vanish, get or lose their carrier.
class LinkMonitor {
  public:
    enum class Scope : uint8_t {
        links,
        addresses_too,  ///< IPv4 addresses and routes that are taken away, as well
    };
    static Result<LinkMonitor> open(Scope scope = Scope::links);

    int fd() const { return socket_.fd(); }
    /// Call when fd() is readable. True: something about a link changed, look at Links::list().
    bool changed(const std::function<void(const Removal&)>& removed = {});

  private:
    explicit LinkMonitor(NetlinkSocket socket) : socket_(std::move(socket)) {}

    NetlinkSocket socket_;
};

}  // namespace bootwire::net
