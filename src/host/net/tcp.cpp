#include "net/tcp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/socket_address.h"
#include "os/clock.h"

namespace bootwire::net {

namespace {

using namespace std::chrono_literals;

int pending_error(const Fd& socket) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

}  // namespace

std::expected<Fd, int> begin_connect(const Endpoint& portal) {
    const SocketAddress address = socket_address(portal);
    Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) return std::unexpected(errno);
    if (connect(socket.get(), address.pointer(), address.length) != 0 && errno != EINPROGRESS) {
        return std::unexpected(errno);
    }
    return socket;
}

std::expected<void, int> finish_connect(const Fd& socket) {
    if (const int error = pending_error(socket); error != 0) return std::unexpected(error);
    const int yes = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
    return {};
}

std::optional<Endpoint> other_end_of(const Fd& socket) {
    SocketAddress address;
    address.length = sizeof address.storage;
    if (getpeername(socket.get(), address.pointer(), &address.length) != 0) return std::nullopt;
    return endpoint_of(address);
}

void watch_other_end(const Fd& socket, bool yes) {
    const auto set = [&](int level, int name, int value) {
        setsockopt(socket.get(), level, name, &value, sizeof value);
    };
    // A probe each second while nothing is under way (tcp(7)); what is under way and not
    // acknowledged has the same time.
    constexpr int probes = 4;
    set(IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set(IPPROTO_TCP, TCP_KEEPCNT, probes);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, yes ? probes * 1000 : 0);
    set(SOL_SOCKET, SO_KEEPALIVE, yes ? 1 : 0);
}

std::expected<Fd, int> connect_tcp(const Endpoint& portal, Milliseconds timeout,
                                   const std::function<void()>& on_progress) {
    auto socket = begin_connect(portal);
    if (!socket) return socket;
    const Moment deadline = now() + timeout;
    for (;;) {
        const Milliseconds left = deadline - now();
        if (left <= 0ms) return std::unexpected(ETIMEDOUT);
        pollfd polled{socket->get(), POLLOUT, 0};
        const auto wait = std::min<Milliseconds>(left, 1s);
        const int ready = poll(&polled, 1, static_cast<int>(wait.count()));
        on_progress();
        if (ready > 0) break;
    }
    if (auto finished = finish_connect(*socket); !finished) {
        return std::unexpected(finished.error());
    }
    return socket;
}

}  // namespace bootwire::net
