#include "net/packet_socket.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace bootwire::net {

namespace {

constexpr size_t largest_packet = 2048;

/// Lets only unfragmented UDP datagrams to port 68 through, so that the traffic of the booted OS
/// never reaches a process of ours (socket filter on the IPv4 packet, bpf(4) classic).
Status keep_dhcp_only(int fd) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),  // protocol
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),  // flags and fragment offset
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 3, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // header length
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),   // destination port
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 68, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, largest_packet),
    };
    const sock_fprog filter{sizeof program / sizeof *program, program};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
        return fail_errno("cannot filter DHCP packets");
    }
    return {};
}

}  // namespace

Result<PacketSocket> PacketSocket::open(int interface_index, Protocol protocol) {
    Fd fd(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return fail_errno("cannot open a packet socket");
    if (protocol == Protocol::ipv4) {
        if (auto filtered = keep_dhcp_only(fd.get()); !filtered) {
            return std::unexpected(filtered.error());
        }
        const int yes = 1;
        if (setsockopt(fd.get(), SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) != 0) {
            return fail_errno("cannot ask for packet checksums");
        }
    }
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(static_cast<uint16_t>(protocol));
    address.sll_ifindex = interface_index;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("cannot bind a packet socket");
    }
    return PacketSocket(std::move(fd), interface_index, protocol);
}

Status PacketSocket::broadcast(Bytes payload) {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(static_cast<uint16_t>(protocol_));
    to.sll_ifindex = interface_index_;
    to.sll_halen = 6;
    std::memset(to.sll_addr, 0xff, 6);
    if (sendto(fd_.get(), payload.data(), payload.size(), 0, reinterpret_cast<sockaddr*>(&to),
               sizeof to) < 0) {
        return fail_errno("cannot send on the network");
    }
    return {};
}

std::optional<ReceivedPacket> PacketSocket::receive() {
    ReceivedPacket packet;
    packet.bytes.resize(largest_packet);
    iovec buffer{packet.bytes.data(), packet.bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(tpacket_auxdata))];
    msghdr message{};
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t count = recvmsg(fd_.get(), &message, 0);
    if (count < 0) return std::nullopt;
    packet.bytes.resize(static_cast<size_t>(count));
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
         head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_PACKET || head->cmsg_type != PACKET_AUXDATA) continue;
        tpacket_auxdata auxiliary;
        std::memcpy(&auxiliary, CMSG_DATA(head), sizeof auxiliary);
        packet.checksum_not_ready = (auxiliary.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
    }
    return packet;
}

}  // namespace bootwire::net
