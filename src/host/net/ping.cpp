#include "net/ping.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "net/socket_address.h"
#include "os/clock.h"
#include "os/fd.h"

namespace bootwire::net {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds patience = 1s;
constexpr uint8_t request4 = 8, answer4 = 0;
constexpr uint8_t request6 = 128, answer6 = 129;
constexpr uint16_t our_identifier = 0xb007;  // the identifier: nobody else pings from here
constexpr size_t header_size = 8;

using Message = std::array<uint8_t, header_size + 16>;

/// The Internet checksum (RFC 1071); the kernel makes that of ICMPv6.
uint16_t checksum(Bytes bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i += 2)
        sum += static_cast<uint32_t>(bytes[i]) << 8 | bytes[i + 1];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

Message make_request(bool v4, uint16_t number) {
    Message message{v4 ? request4 : request6,
                    0,
                    0,
                    0,
                    our_identifier >> 8,
                    our_identifier & 0xff,
                    static_cast<uint8_t>(number >> 8),
                    static_cast<uint8_t>(number)};
    if (v4) {
        const uint16_t sum = checksum(message);
        message[2] = static_cast<uint8_t>(sum >> 8);
        message[3] = static_cast<uint8_t>(sum);
    }
    return message;
}

/// A raw IPv4 socket gives the IP header, too.
bool is_answer(Bytes packet, bool v4, const Message& request) {
    if (v4) {
        const size_t header = packet.empty() ? 0 : (packet[0] & 0x0fu) * 4u;
        if (header < 20 || packet.size() < header) return false;
        packet = packet.subspan(header);
    }
    return packet.size() >= header_size && packet[0] == (v4 ? answer4 : answer6) &&
           std::memcmp(packet.data() + 4, request.data() + 4, 4) == 0;
}

}  // namespace

Result<Milliseconds> ping(const IpAddress& host, uint16_t number) {
    const bool v4 = host.is_v4();
    const Fd socket(
        ::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                 v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6)));
    if (!socket.valid()) return fail_errno("cannot ping");
    const SocketAddress to = socket_address({host, 0});
    const Message request = make_request(v4, number);
    const Moment began = now();
    if (sendto(socket.get(), request.data(), request.size(), 0, to.pointer(), to.length) < 0) {
        return fail_errno(host.to_string() + " cannot be reached");
    }
    for (Milliseconds left = patience; left > 0ms; left = began + patience - now()) {
        pollfd wait{socket.get(), POLLIN, 0};
        if (poll(&wait, 1, static_cast<int>(left.count())) <= 0) continue;
        uint8_t buffer[2048];
        SocketAddress from;
        from.length = sizeof from.storage;
        const ssize_t count =
            recvfrom(socket.get(), buffer, sizeof buffer, 0, from.pointer(), &from.length);
        if (count <= 0) continue;
        const auto sender = endpoint_of(from);
        if (!sender || sender->address != host) continue;
        if (is_answer(Bytes(buffer).first(static_cast<size_t>(count)), v4, request)) {
            return now() - began;
        }
    }
    return fail_for_now(host.to_string() + " does not answer");
}

}  // namespace bootwire::net
