#include "pdu_stream.h"

#include "stream.h"

namespace bootwire::peer {

using namespace iscsi;

PduStream::PduStream(Fd fd)
    : fd_(std::move(fd)),
      storage_(max_frame),
      output_(max_frame),
      input_(65536),
      frames_(storage_) {}

void PduStream::use_digests(Digests digests) {
    digests_ = digests;
    frames_.use_digests(digests);
}

Result<PduView> PduStream::read() {
    for (;;) {
        auto pdu = read_ready();
        if (!pdu) return std::unexpected(pdu.error());
        if (*pdu) return **pdu;
    }
}

Result<std::optional<PduView>> PduStream::read_ready() {
    if (frames_.state() == FrameState::ready) frames_.next();
    if (!has_bytes()) {
        const auto count = read_some(fd_.get(), input_);
        if (!count) return std::unexpected(count.error());
        if (*count == 0) return fail("the connection was closed");
        at_ = 0;
        end_ = *count;
    }
    at_ += frames_.feed(Bytes(input_).subspan(at_, end_ - at_));
    switch (frames_.state()) {
        case FrameState::ready:
            return frames_.pdu();
        case FrameState::needs_more:
            return std::nullopt;
        case FrameState::too_long:
            return fail("a PDU is too long");
        default:
            return fail("a digest is wrong");
    }
}

Status PduStream::write(const Bhs& bhs, Bytes data, Bytes additional_header) {
    const size_t size = write_frame(bhs, data, digests_, output_, additional_header);
    if (size == 0) return fail("a PDU to send is too long");
    return send_in_pieces(fd_.get(), Bytes(output_).first(size), piece_);
}

}  // namespace bootwire::peer
