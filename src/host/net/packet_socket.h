// Raw sockets for what happens before there is an address: DHCP and ARP (packet(7)).
#pragma once

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"
#include "os/fd.h"

namespace bootwire::net {

/// A packet as it came, without its Ethernet header.
struct ReceivedPacket {
    std::vector<uint8_t> bytes;
    /// The sender left the transport checksum to hardware that never filled it in (a virtual
    /// network card): it says nothing about the packet.
    bool checksum_not_ready = false;
};

/// Sends and receives the payload of Ethernet frames of one protocol on one interface.
class PacketSocket {
  public:
    enum class Protocol : uint16_t { ipv4 = 0x0800, arp = 0x0806 };

    static Result<PacketSocket> open(int interface_index, Protocol protocol);

    int fd() const { return fd_.get(); }
    /// The payload goes to everyone on the link.
    Status broadcast(Bytes payload);
    /// The next packet that waits, if any; never blocks.
    std::optional<ReceivedPacket> receive();

  private:
    PacketSocket(Fd fd, int interface_index, Protocol protocol)
        : fd_(std::move(fd)), interface_index_(interface_index), protocol_(protocol) {}

    Fd fd_;
    int interface_index_;
    Protocol protocol_;
};

}  // namespace bootwire::net
