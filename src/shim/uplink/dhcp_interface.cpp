#include "uplink/dhcp_interface.h"

#include <sys/socket.h>

#include "base/overloaded.h"
#include "net/socket_address.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/random.h"

namespace bootwire::uplink {

namespace {

Result<Fd> open_client_port(const std::string& interface) {
    Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return fail_errno("cannot open a UDP socket");
    const int yes = 1;
    const net::SocketAddress any = net::socket_address({IpAddress{}, dhcp::client_port});
    if (setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) != 0 ||
        bind(fd.get(), any.pointer(), any.length) != 0) {
        return fail_errno("cannot use the DHCP client port");
    }
    return fd;
}

}  // namespace

Result<std::unique_ptr<DhcpInterface>> DhcpInterface::open(EventLoop& loop, const net::Link& link,
                                                           dhcp::ClientSettings settings,
                                                           Handlers handlers) {
    auto ip = net::PacketSocket::open(link.index, net::PacketSocket::Protocol::ipv4);
    if (!ip) return std::unexpected(ip.error());
    auto arp = net::PacketSocket::open(link.index, net::PacketSocket::Protocol::arp);
    if (!arp) return std::unexpected(arp.error());
    return std::unique_ptr<DhcpInterface>(new DhcpInterface(
        loop, link, std::move(settings), std::move(handlers), std::move(*ip), std::move(*arp)));
}

DhcpInterface::DhcpInterface(EventLoop& loop, net::Link link, dhcp::ClientSettings settings,
                             Handlers handlers, net::PacketSocket ip, net::PacketSocket arp)
    : loop_(loop),
      link_(std::move(link)),
      handlers_(std::move(handlers)),
      client_(std::move(settings), random_number),
      ip_(std::move(ip)),
      arp_(std::move(arp)) {
    loop_.watch(ip_.fd(), [this] { receive_ip(); });
    loop_.watch(arp_.fd(), [this] { receive_arp(); });
}

DhcpInterface::~DhcpInterface() {
    loop_.unwatch(ip_.fd());
    loop_.unwatch(arp_.fd());
    if (timer_) loop_.cancel(*timer_);
}

void DhcpInterface::start() {
    perform(client_.start(now()));
}
void DhcpInterface::resume(const dhcp::Lease& lease) {
    perform(client_.resume(lease, now()));
}
void DhcpInterface::release() {
    perform(client_.release(now()));
}

void DhcpInterface::on_link(bool has_carrier) {
    perform(client_.on_link(has_carrier, now()));
}

void DhcpInterface::on_interfaces(const std::vector<net::Link>& links) {
    std::vector<MacAddress> others;
    for (const net::Link& link : links) {
        if (link.index != link_.index && link.mac != MacAddress{}) others.push_back(link.mac);
    }
    client_.on_interfaces(std::move(others));
}

void DhcpInterface::tell_host_name(const std::string& name) {
    perform(client_.on_host_name(name, now()));
}

void DhcpInterface::receive_ip() {
    for (int i = 0; i < EventLoop::most_at_once; ++i) {
        const auto packet = ip_.receive();
        if (!packet) return;
        const auto checksum =
            packet->checksum_not_ready ? dhcp::Checksum::may_be_missing : dhcp::Checksum::present;
        perform(client_.on_packet(packet->bytes, checksum, now()));
    }
}

void DhcpInterface::receive_arp() {
    for (int i = 0; i < EventLoop::most_at_once; ++i) {
        const auto packet = arp_.receive();
        if (!packet) return;
        perform(client_.on_arp(packet->bytes, now()));
    }
}

void DhcpInterface::set_timer() {
    loop_.move(timer_, client_.next_deadline(), [this] { perform(client_.on_timer(now())); });
}

Status DhcpInterface::send_unicast(const dhcp::SendUnicast& unicast) {
    if (!udp_.valid()) {
        auto opened = open_client_port(link_.name);
        if (!opened) return std::unexpected(opened.error());
        udp_ = std::move(*opened);
    }
    const net::SocketAddress to = net::socket_address({unicast.to, dhcp::server_port});
    if (sendto(udp_.get(), unicast.payload.data(), unicast.payload.size(), 0, to.pointer(),
               to.length) < 0) {
        return fail_errno("cannot send to the DHCP server " + unicast.to.to_string());
    }
    return {};
}

void DhcpInterface::perform(dhcp::Actions actions) {
    // A packet that cannot be sent is like one that got lost: the client sends it again.
    for (dhcp::Action& action : actions) {
        std::visit(Overloaded{
                       [&](const dhcp::SendBroadcast& send) { (void)ip_.broadcast(send.packet); },
                       [&](const dhcp::SendUnicast& send) { (void)send_unicast(send); },
                       [&](const dhcp::SendArp& send) { (void)arp_.broadcast(send.packet); },
                       [&](const dhcp::Bound& bound) {
                           udp_.reset();
                           handlers_.bound(bound.lease, bound.renewed);
                       },
                       [&](const dhcp::Lost& lost) { handlers_.lost(lost); },
                       [&](const dhcp::Event& event) {
                           const std::string line = link_.name + ": " + event.text;
                           const auto say = event.warning ? log::warning_about : log::info_about;
                           say(log::Subject::dhcp, line);
                       },
                   },
                   action);
    }
    set_timer();
}

}  // namespace bootwire::uplink
