#include "net/pdu_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "os/clock.h"

namespace bootwire::net {

namespace {

using namespace std::chrono_literals;
using Kind = StreamProblem::Kind;

std::unexpected<StreamProblem> fail_with(Kind kind, int error = 0) {
    return std::unexpected(StreamProblem{kind, error, iscsi::FrameState::ready});
}

/// What is left of the pieces behind their first bytes.
std::span<iovec> without_first(size_t count, std::span<iovec> pieces) {
    while (!pieces.empty() && count >= pieces.front().iov_len) {
        count -= pieces.front().iov_len;
        pieces = pieces.subspan(1);
    }
    if (!pieces.empty()) {
        pieces.front().iov_base = static_cast<uint8_t*>(pieces.front().iov_base) + count;
        pieces.front().iov_len -= count;
    }
    return pieces;
}

}  // namespace

bool StreamProblem::is_end() const {
    return kind == Kind::closed || (kind == Kind::cannot_receive && error == ECONNRESET);
}

PduStream::PduStream(int socket, size_t longest_data)
    : socket_(socket), storage_(iscsi::longest_frame(longest_data)), frames_(storage_) {}

void PduStream::use_digests(iscsi::Digests digests) {
    digests_ = digests;
    frames_.use_digests(digests);
}

StreamResult<void> PduStream::send(iscsi::BhsView header, Bytes data, Bytes additional_header) {
    return send_frame(header, data, additional_header, 0);
}

StreamResult<void> PduStream::try_send(iscsi::BhsView header, Bytes data) {
    return send_frame(header, data, {}, MSG_DONTWAIT);
}

StreamResult<void> PduStream::send_frame(iscsi::BhsView header, Bytes data, Bytes additional_header,
                                         int flags) {
    const iscsi::FramePieces frame(header, data, digests_, additional_header);
    if (frame.all().empty()) return fail_with(Kind::cannot_send, EMSGSIZE);
    std::array<iovec, iscsi::FramePieces::most> vectors{};
    auto rest = std::span(vectors).first(frame.all().size());
    std::ranges::transform(frame.all(), rest.begin(), [](Bytes piece) {
        return iovec{const_cast<uint8_t*>(piece.data()), piece.size()};
    });
    while (!rest.empty()) {
        msghdr message{};
        message.msg_iov = rest.data();
        message.msg_iovlen = rest.size();
        const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | flags);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return fail_with(Kind::cannot_send, errno);
        rest = without_first(static_cast<size_t>(sent), rest);
        if (!rest.empty() && (flags & MSG_DONTWAIT) != 0) return fail_with(Kind::takes_no_more);
    }
    return {};
}

StreamResult<iscsi::PduView> PduStream::receive(Milliseconds within,
                                                const std::function<void()>& on_progress) {
    const Moment deadline = now() + within;
    for (;;) {
        if (!wait_for_bytes(deadline, on_progress)) return fail_with(Kind::silent);
        const auto pdu = try_receive();
        if (!pdu) return std::unexpected(pdu.error());
        if (*pdu) return **pdu;
    }
}

bool PduStream::wait_for_bytes(Moment deadline, const std::function<void()>& on_progress) const {
    for (Moment at = now(); at < deadline; at = now()) {
        pollfd polled{socket_, POLLIN, 0};
        const auto wait = std::min<Milliseconds>(deadline - at, 1s);
        const int ready = poll(&polled, 1, static_cast<int>(wait.count()));
        on_progress();
        if (ready > 0) return true;
    }
    return false;
}

StreamResult<std::optional<iscsi::PduView>> PduStream::try_receive() {
    if (frames_.state() == iscsi::FrameState::ready) frames_.next();
    while (frames_.state() == iscsi::FrameState::needs_more) {
        const MutableBytes room = frames_.room();
        const ssize_t count = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return std::nullopt;
        if (count < 0) return fail_with(Kind::cannot_receive, errno);
        if (count == 0) return fail_with(Kind::closed);
        frames_.arrived(static_cast<size_t>(count));
    }
    if (frames_.state() == iscsi::FrameState::ready) return frames_.pdu();
    return std::unexpected(StreamProblem{Kind::unreadable, 0, frames_.state()});
}

}  // namespace bootwire::net
