#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <span>

#include "base/bytes.h"

namespace bootwire::net {

SocketAddress socket_address(const Endpoint& endpoint) {
    SocketAddress address;
    const Bytes bytes = endpoint.address.network_bytes();
    if (endpoint.address.is_v4()) {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        std::memcpy(&v4->sin_addr, bytes.data(), bytes.size());
        address.length = sizeof *v4;
    } else {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(endpoint.port);
        std::memcpy(&v6->sin6_addr, bytes.data(), bytes.size());
        address.length = sizeof *v6;
    }
    return address;
}

std::optional<Endpoint> endpoint_of(const SocketAddress& address) {
    if (address.storage.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
        return Endpoint{IpAddress::v4(ntohl(v4->sin_addr.s_addr)), ntohs(v4->sin_port)};
    }
    if (address.storage.ss_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
        const std::span<const uint8_t, 16> bytes(v6->sin6_addr.s6_addr);
        return Endpoint{IpAddress::v6(bytes), ntohs(v6->sin6_port)};
    }
    return std::nullopt;
}

}  // namespace bootwire::net
