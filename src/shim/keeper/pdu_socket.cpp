#include "keeper/pdu_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "iscsi_initiator/login.h"

namespace bootwire::keeper {

namespace {

constexpr size_t kLongestFrame = iscsi::bhs_size + 256 + iscsi::login_data_length + 8;

}  // namespace

PduSocket::PduSocket(int socket) : socket_(socket), storage_(kLongestFrame), frames_(storage_) {}

void PduSocket::use_digests(iscsi::Digests digests) {
    digests_ = digests;
    frames_.use_digests(digests);
}

Status PduSocket::send(const iscsi::Bhs& header, Bytes data) {
    std::vector<uint8_t> frame(iscsi::frame_size(data.size(), digests_));
    iscsi::write_frame(header, data, digests_, frame);
    // A few kilobytes into an empty buffer: they fit at once, or something is wrong.
    const ssize_t sent = ::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    explicit_bzero(frame.data(), frame.size());
    if (sent < 0) return fail_errno("cannot send to the target");
    if (static_cast<size_t>(sent) != frame.size()) return fail("the target takes no more");
    return {};
}

Result<std::optional<iscsi::PduView>> PduSocket::receive() {
    if (frames_.state() == iscsi::FrameState::ready) frames_.next();
    uint8_t buffer[2048];
    while (frames_.state() == iscsi::FrameState::needs_more) {
        const size_t wanted = std::min(frames_.wanted(), sizeof buffer);
        const ssize_t count = recv(socket_, buffer, wanted, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return std::nullopt;
        if (count < 0) return fail_errno("cannot receive from the target");
        if (count == 0) return fail("the target closed the connection");
        frames_.feed(Bytes(buffer).first(static_cast<size_t>(count)));
    }
    if (frames_.state() != iscsi::FrameState::ready) {
        return fail(frames_.state() == iscsi::FrameState::too_long
                        ? "the target sent more than was asked for"
                        : "a digest is wrong");
    }
    return frames_.pdu();
}

}  // namespace bootwire::keeper
