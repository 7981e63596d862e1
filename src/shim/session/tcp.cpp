#include "session/tcp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/socket_address.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

std::unexpected<Error> connect_error(const Endpoint& portal, int error) {
    const std::string where = portal.to_string();
    switch (error) {
        case ECONNREFUSED:
            return about(
                Topic::nothing_listens,
                fail_for_now("nothing listens on " + where, "is the iSCSI target running there?"));
        case ENETUNREACH:
            return about(Topic::no_answer, fail_for_now("there is no route to " + where,
                                                        "check the router that DHCP or ip= gives"));
        case EHOSTUNREACH:
        case ETIMEDOUT:
            return about(Topic::no_answer,
                         fail_for_now(where + " does not answer",
                                      "check the address, the server and what is between"));
        default:
            return about(Topic::no_answer,
                         fail_for_now("cannot connect to " + where + ": " + std::strerror(error)));
    }
}

int pending_error(const Fd& socket) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

}  // namespace

Result<Fd> begin_connect(const Endpoint& portal) {
    const net::SocketAddress address = net::socket_address(portal);
    Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) return connect_error(portal, errno);
    if (connect(socket.get(), address.pointer(), address.length) != 0 && errno != EINPROGRESS) {
        return connect_error(portal, errno);
    }
    return socket;
}

Status finish_connect(const Fd& socket, const Endpoint& portal) {
    if (const int error = pending_error(socket); error != 0) return connect_error(portal, error);
    const int yes = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
    return {};
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

Result<Fd> connect_tcp(const Endpoint& portal, Milliseconds timeout,
                       const std::function<void()>& on_progress) {
    auto socket = begin_connect(portal);
    if (!socket) return socket;
    const Moment deadline = now() + timeout;
    for (;;) {
        const Milliseconds left = deadline - now();
        if (left <= 0ms) return connect_error(portal, ETIMEDOUT);
        pollfd polled{socket->get(), POLLOUT, 0};
        const auto wait = std::min<Milliseconds>(left, 1s);
        const int ready = poll(&polled, 1, static_cast<int>(wait.count()));
        on_progress();
        if (ready > 0) break;
    }
    if (auto finished = finish_connect(*socket, portal); !finished) {
        return std::unexpected(finished.error());
    }
    return socket;
}

}  // namespace bootwire::session
