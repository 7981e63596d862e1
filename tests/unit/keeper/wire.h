// A cable in a network namespace of the test's own: an interface, and a DHCP server at the far end
// that does what the test says.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../dhcp/fake_server.h"
#include "../net/namespace.h"
#include "dhcp/arp.h"
#include "net/links.h"
#include "net/packet_socket.h"
#include "net/socket_address.h"
#include "os/fd.h"

namespace bootwire::keeper {

inline std::optional<net::Link> find_link(const std::string& name) {
    const auto links = net::Links::open()->list();
    const auto found = std::ranges::find(*links, name, &net::Link::name);
    return found == links->end() ? std::nullopt : std::optional(*found);
}

class Wire {
  public:
    /// Plugged in: a new interface each time, with the same name and MAC.
    void make(const MacAddress& mac = dhcp::own_mac) {
        add_pair(near_name, far_name, mac);
        plug(true);
        const int far = find_link(far_name)->index;
        sender_.emplace(*net::PacketSocket::open(far, net::PacketSocket::Protocol::ipv4));
        arp_.emplace(*net::PacketSocket::open(far, net::PacketSocket::Protocol::arp));
        receiver_.reset(socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
        sockaddr_ll place{};
        place.sll_family = AF_PACKET;
        place.sll_protocol = htons(ETH_P_IP);
        place.sll_ifindex = far;
        const auto* const name = reinterpret_cast<const sockaddr*>(&place);
        ASSERT_EQ(bind(receiver_.get(), name, sizeof place), 0);
    }

    /// Another interface of this machine's.
    void make_second(const MacAddress& mac) { add_pair("second", "nobody", mac); }

    /// As a USB device that is reset.
    void remove() {
        ifinfomsg info{};
        info.ifi_index = link().index;
        net::NetlinkRequest request(RTM_DELLINK, 0);
        perform(request.header(info));
    }

    /// The cable, at the far end.
    void plug(bool in) {
        auto links = net::Links::open();
        const net::Link far = *find_link(far_name);
        ASSERT_TRUE(in ? links->set_up(far) : links->set_down(far));
    }

    net::Link link() const { return find_link(near_name).value_or(net::Link{}); }

    /// What has been sent to a DHCP server since the last call.
    std::vector<dhcp::Message> received() {
        std::vector<dhcp::Message> messages;
        uint8_t packet[2048];
        for (;;) {
            const ssize_t count = recv(receiver_.get(), packet, sizeof packet, 0);
            if (count < 0) return messages;
            if (count < 28 || load_be16(&packet[22]) != dhcp::server_port) continue;
            const auto message = dhcp::parse_message(Bytes(packet, size_t(count)).subspan(28));
            if (message) messages.push_back(*message);
        }
    }

    void send(const dhcp::Message& message) {
        const IpAddress everyone = IpAddress::v4(255, 255, 255, 255);
        auto packet = dhcp::build_packet(dhcp::server_one, everyone, dhcp::build_message(message));
        std::swap_ranges(&packet[20], &packet[22], &packet[22]);  // from port 67 to port 68
        broadcast(*sender_, packet);
    }

    /// Another host says that it has the address.
    void claim(const IpAddress& address) {
        broadcast(*arp_, dhcp::build_arp_announcement(dhcp::other_mac, address));
    }

    /// The kernel need not ask for the hardware's address of that host.
    void introduce(const IpAddress& address) {
        ndmsg about{};
        about.ndm_family = AF_INET;
        about.ndm_ifindex = link().index;
        about.ndm_state = NUD_PERMANENT;
        uint8_t wire[4];
        store_be32(wire, address.v4_host_order());
        net::NetlinkRequest request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
        request.header(about).attribute(NDA_DST, Bytes(wire));
        request.attribute(NDA_LLADDR, Bytes(dhcp::other_mac.bytes));
        perform(request);
    }

  private:
    static constexpr char near_name[] = "near";
    static constexpr char far_name[] = "far";

    /// That the interface was down meanwhile, a packet socket says once.
    static void broadcast(net::PacketSocket& socket, Bytes packet) {
        ASSERT_TRUE(socket.broadcast(packet) || socket.broadcast(packet));
    }

    void add_pair(std::string_view near, std::string_view far, const MacAddress& mac) {
        net::NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        request.header(ifinfomsg{}).attribute(IFLA_IFNAME, near);
        request.attribute(IFLA_ADDRESS, Bytes(mac.bytes)).begin(IFLA_LINKINFO);
        request.attribute(IFLA_INFO_KIND, std::string_view("veth")).begin(IFLA_INFO_DATA);
        request.begin(VETH_INFO_PEER).header(ifinfomsg{});
        request.attribute(IFLA_IFNAME, far).end().end().end();
        perform(request);
    }

    void perform(net::NetlinkRequest& request) {
        const auto done = net::NetlinkSocket::open()->perform(request, "wire");
        ASSERT_TRUE(done) << done.error().to_string();
    }

    std::optional<net::PacketSocket> sender_;
    std::optional<net::PacketSocket> arp_;
    Fd receiver_;
};

/// Is the address one of this namespace's?
inline bool is_ours(const IpAddress& address) {
    const Fd probe(socket(AF_INET, SOCK_DGRAM, 0));
    const net::SocketAddress name = net::socket_address({address, 0});
    return bind(probe.get(), name.pointer(), name.length) == 0;
}

inline int mtu_of(const std::string& name) {
    const Fd any(socket(AF_INET, SOCK_DGRAM, 0));
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    return ioctl(any.get(), SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

}  // namespace bootwire::keeper
