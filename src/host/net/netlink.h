// Messages to and from the kernel over rtnetlink(7): built attribute by attribute, acknowledged.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "os/fd.h"

namespace bootwire::net {

/// One request under construction: a fixed header of the message type, then attributes, which may
/// nest.
class NetlinkRequest {
  public:
    /// type: RTM_…; flags: NLM_F_… besides REQUEST and ACK.
    NetlinkRequest(uint16_t type, uint16_t flags);

    /// The message type's own header (ifinfomsg, ifaddrmsg, rtmsg); first of all.
    template <class Header>
    NetlinkRequest& header(const Header& header) {
        return append(&header, sizeof header);
    }
    NetlinkRequest& attribute(uint16_t type, Bytes value);
    NetlinkRequest& attribute(uint16_t type, uint32_t value);
    NetlinkRequest& attribute16(uint16_t type, uint16_t value);
    /// A string with its terminating NUL.
    NetlinkRequest& attribute(uint16_t type, std::string_view value);
    /// Attributes added until the matching end() are inside this one.
    NetlinkRequest& begin(uint16_t type);
    NetlinkRequest& end();

    /// The finished message with lengths and the sequence number filled in.
    Bytes finish(uint32_t sequence);

  private:
    NetlinkRequest& append(const void* data, size_t size);

    std::vector<uint8_t> bytes_;
    std::vector<size_t> open_;  // offsets of the nested attributes that are not yet ended
};

/// Calls back for each message of a datagram, with what is behind its header; ends where the
/// handler returns false, and at a malformed length.
void for_each_message(Bytes datagram,
                      const std::function<bool(const nlmsghdr& header, Bytes payload)>& handle);

/// Calls back for each attribute of a message's payload; malformed lengths end the walk.
void for_each_attribute(Bytes attributes,
                        const std::function<void(uint16_t type, Bytes value)>& handle);

/// An rtnetlink socket.
class NetlinkSocket {
  public:
    using MessageHandler = std::function<void(uint16_t type, Bytes payload)>;

    /// groups: RTMGRP_… whose notifications are wanted, 0 for none.
    static Result<NetlinkSocket> open(uint32_t groups = 0);

    int fd() const { return fd_.get(); }
    /// Sends the request and waits for its acknowledgement. what: for the error's sentence.
    Status perform(NetlinkRequest& request, const std::string& what);
    /// Sends a dump request and hands over each answer.
    Status dump(NetlinkRequest& request, const std::string& what, const MessageHandler& handle);
    /// Hands over the notifications that wait on the socket, without blocking. False if some are
    /// missing, as the socket's buffer has overrun, or are left, as there is no end of them: the
    /// caller should look at the whole state anew.
    bool drain(const MessageHandler& handle);

  private:
    explicit NetlinkSocket(Fd fd) : fd_(std::move(fd)) {}
    Status converse(NetlinkRequest& request, const std::string& what, const MessageHandler* handle);

    Fd fd_;
    uint32_t sequence_ = 0;
};

}  // namespace bootwire::net
