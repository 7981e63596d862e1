// Endpoints as the socket calls take them.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "base/address.h"

namespace bootwire::net {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const Endpoint& endpoint);
/// Nothing for a family other than IPv4 and IPv6.
std::optional<Endpoint> endpoint_of(const SocketAddress& address);

}  // namespace bootwire::net
