#include "session/conversation.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "os/clock.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kAnswerTimeout = 20s;

std::unexpected<Error> broken(const std::string& peer, int error) {
    return about(Topic::login_breaks_off,
                 fail_for_now("the connection to " + peer + " broke: " + std::strerror(error)));
}

}  // namespace

Status Connection::send(Bytes bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return broken(peer, errno);
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return {};
}

Result<size_t> Connection::receive(MutableBytes buffer) const {
    const Moment deadline = now() + kAnswerTimeout;
    while (now() < deadline) {
        pollfd polled{socket.get(), POLLIN, 0};
        const int ready = poll(&polled, 1, 1000);
        on_progress();
        if (ready <= 0) continue;
        const ssize_t count = recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (count >= 0) return static_cast<size_t>(count);
        if (errno == ECONNRESET) return 0;
        if (errno != EINTR) return broken(peer, errno);
    }
    return about(Topic::login_breaks_off,
                 fail_for_now(peer + " accepts the connection but does not answer",
                              "is it an iSCSI target?"));
}

}  // namespace bootwire::session
