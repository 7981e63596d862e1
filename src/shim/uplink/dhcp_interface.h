// The DHCP client of one interface: its sockets and timer on one side, the state machine of
// dhcp/client.h on the other. The boot and the keeper use the same one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "dhcp/client.h"
#include "net/links.h"
#include "net/packet_socket.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::uplink {

class DhcpInterface {
  public:
    struct Handlers {
        /// renewed: the lease was extended; its address may be another one all the same.
        std::function<void(const dhcp::Lease&, bool renewed)> bound;
        /// The address must no longer be used.
        std::function<void(const dhcp::Lost&)> lost;
    };

    /// Opens the sockets; nothing is sent before start() or resume().
    static Result<std::unique_ptr<DhcpInterface>> open(EventLoop& loop, const net::Link& link,
                                                       dhcp::ClientSettings settings,
                                                       Handlers handlers);
    ~DhcpInterface();

    void start();
    /// Goes on with a lease that is configured already.
    void resume(const dhcp::Lease& lease);
    /// The carrier came or went; that it came counts each time.
    void on_link(bool has_carrier);
    /// All interfaces of this machine: on a LAN that two of them are on, Linux answers a question
    /// about an address on both.
    void on_interfaces(const std::vector<net::Link>& links);
    /// The wish in option 12 is another one now; the server is told soon.
    void tell_host_name(const std::string& name);
    /// Sends DHCPRELEASE and stops.
    void release();

    const net::Link& link() const { return link_; }
    dhcp::State state() const { return client_.state(); }
    bool saw_unusable_offer() const { return client_.saw_unusable_offer(); }
    const std::string& flaw() const { return client_.flaw(); }

  private:
    DhcpInterface(EventLoop& loop, net::Link link, dhcp::ClientSettings settings, Handlers handlers,
                  net::PacketSocket ip, net::PacketSocket arp);

    void perform(dhcp::Actions actions);
    void receive_ip();
    void receive_arp();
    void set_timer();
    Status send_unicast(const dhcp::SendUnicast& unicast);

    EventLoop& loop_;
    net::Link link_;
    Handlers handlers_;
    dhcp::Client client_;
    net::PacketSocket ip_;
    net::PacketSocket arp_;
    Fd udp_;  // sends renewals, and keeps the kernel from refusing their answers with ICMP
    std::optional<EventLoop::TimerId> timer_;
};

}  // namespace bootwire::uplink
