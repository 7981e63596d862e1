#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/address.h"
#include "os/clock.h"
#include "os/fd.h"

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

/// connect() waits for room in the keeper's queue, and send() for room in its buffer; so long.
Status limit_waiting(const Fd& socket, Moment deadline) {
    const int64_t left = std::max<int64_t>((deadline - now()).count(), 1);
    const timeval limit{left / 1000, left % 1000 * 1000};
    if (setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0) return {};
    return fail_errno("cannot set a limit for bootwire's keeper");
}

Result<Fd> connect_to(const std::string& path, Moment deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return fail(path + " is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    if (auto limited = limit_waiting(socket, deadline); !limited) {
        return std::unexpected(limited.error());
    }
    if (!socket.valid() || connect(socket.get(), name, sizeof address) != 0) {
        if (errno == EAGAIN) return fail_for_now("bootwire's keeper does not answer");
        return fail_errno("cannot reach bootwire's keeper at " + path,
                          "has this system been started by bootwire? does its keeper run?");
    }
    return socket;
}

Result<std::string> receive_all(const Fd& socket, Moment deadline) {
    std::string answer;
    char buffer[4096];
    for (;;) {
        const Milliseconds left = deadline - now();
        pollfd polled{socket.get(), POLLIN, 0};
        if (left <= 0ms || poll(&polled, 1, static_cast<int>(left.count())) == 0) {
            return fail_for_now("bootwire's keeper does not answer");
        }
        const ssize_t count = recv(socket.get(), buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count == 0 || (count < 0 && errno == ECONNRESET)) return answer;
        if (count < 0) return fail_errno("bootwire's keeper does not answer");
        answer.append(buffer, static_cast<size_t>(count));
        if (answer.size() > longest_answer) return fail("the keeper's answer is too long");
    }
}

}  // namespace

Result<std::string> ask(const std::string& path, std::string_view request, Milliseconds timeout) {
    const Moment deadline = now() + timeout;
    auto socket = connect_to(path, deadline);
    if (!socket) return std::unexpected(socket.error());
    const std::string line = std::string(request) + "\n";
    if (line.size() > longest_request) return fail("that is too long to ask");
    const ssize_t sent = ::send(socket->get(), line.data(), line.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EPIPE) return std::string();
    if (sent != static_cast<ssize_t>(line.size())) {
        return fail_errno("cannot ask bootwire's keeper");
    }
    return receive_all(*socket, deadline);
}

}  // namespace bootwire::control
