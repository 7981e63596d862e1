#include "connection.h"

#include <cstring>
#include <vector>

#include "stream.h"

namespace bootwire::peer {

using namespace iscsi;

namespace {

std::unexpected<Error> fail_with(const net::StreamProblem& problem) {
    using Kind = net::StreamProblem::Kind;
    if (problem.is_end()) return fail("the connection was closed");
    switch (problem.kind) {
        case Kind::silent:
            return fail("nothing comes");
        case Kind::unreadable:
            return fail(problem.frame == FrameState::too_long ? "a PDU is too long"
                                                              : "a digest is wrong");
        case Kind::cannot_receive:
            return fail_errno(problem.error, "cannot read");
        default:
            return fail_errno(problem.error, "cannot send");
    }
}

}  // namespace

Connection::Connection(Fd socket, std::chrono::seconds patience)
    : socket_(std::move(socket)), patience_(patience), pdus_(socket_.get(), max_data) {}

Result<PduView> Connection::read() {
    const auto pdu = pdus_.receive(patience_);
    if (!pdu) return fail_with(pdu.error());
    return *pdu;
}

Result<std::optional<PduView>> Connection::read_ready() {
    const auto pdu = pdus_.try_receive();
    if (!pdu) return fail_with(pdu.error());
    return *pdu;
}

Status Connection::write(BhsView header, Bytes data, Bytes additional_header) {
    if (piece_ > 0) return write_in_pieces(header, data, additional_header);
    const auto sent = pdus_.send(header, data, additional_header);
    if (!sent) return fail_with(sent.error());
    return {};
}

Status Connection::write_in_pieces(BhsView header, Bytes data, Bytes additional_header) {
    std::vector<uint8_t> frame(additional_header.size() + frame_size(data.size(), {}));
    if (write_frame(header, data, {}, frame, additional_header) == 0) {
        return fail("a PDU to send is too long");
    }
    return send_in_pieces(socket_.get(), frame, piece_);
}

}  // namespace bootwire::peer
