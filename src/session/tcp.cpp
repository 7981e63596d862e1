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
            return fail_for_now("nothing listens on " + where,
                                "is the iSCSI target running there?");
        case ENETUNREACH:
            return fail_for_now("there is no route to " + where,
                                "check the router that DHCP or ip= gives");
        case EHOSTUNREACH:
        case ETIMEDOUT:
            return fail_for_now(where + " does not answer",
                                "check the address, the server and what is between");
        default:
            return fail_for_now("cannot connect to " + where + ": " + std::strerror(error));
    }
}

/// 0 when the socket is connected, else the error number.
int wait_until_connected(int fd, Milliseconds timeout, const std::function<void()>& on_progress) {
    const Moment deadline = now() + timeout;
    for (;;) {
        const Milliseconds left = deadline - now();
        if (left <= 0ms) return ETIMEDOUT;
        pollfd polled{fd, POLLOUT, 0};
        const int ready =
            poll(&polled, 1, static_cast<int>(std::min<Milliseconds>(left, 1s).count()));
        on_progress();
        if (ready <= 0) continue;
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        return error;
    }
}

}  // namespace

Result<Fd> connect_tcp(const Endpoint& portal, Milliseconds timeout,
                       const std::function<void()>& on_progress) {
    const net::SocketAddress address = net::socket_address(portal);
    Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return connect_error(portal, errno);
    int error = 0;
    if (connect(fd.get(), address.pointer(), address.length) != 0) {
        error = errno == EINPROGRESS ? wait_until_connected(fd.get(), timeout, on_progress) : errno;
    }
    if (error != 0) return connect_error(portal, error);
    const int yes = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
    return fd;
}

}  // namespace bootwire::session
