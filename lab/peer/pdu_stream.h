// A TCP connection that carries PDUs.
#pragma once

#include <optional>
#include <vector>

#include "base/error.h"
#include "iscsi/frame.h"
#include "os/fd.h"

namespace bootwire::peer {

/// The longest PDU that the programs of this folder pass on.
inline constexpr size_t max_frame = 2 << 20;

class PduStream {
  public:
    explicit PduStream(Fd fd);

    int fd() const { return fd_.get(); }
    void use_digests(iscsi::Digests digests);
    /// Sends in pieces of this many bytes; 0, the default, at once.
    void split_output(size_t piece) { piece_ = piece; }

    /// The next PDU, valid until the next call; an error if the peer closes or sends nonsense.
    Result<iscsi::PduView> read();
    /// As read(), but never waits for more than one call of recv: nothing if the PDU is not whole
    /// yet. For use with poll(2); call again while has_bytes().
    Result<std::optional<iscsi::PduView>> read_ready();
    bool has_bytes() const { return at_ < end_; }
    /// Additional header segments of the PDU read last.
    Bytes additional_header() const { return frames_.additional_header(); }
    Status write(const iscsi::Bhs& bhs, Bytes data, Bytes additional_header = {});

  private:
    Fd fd_;
    iscsi::Digests digests_;
    size_t piece_ = 0;
    std::vector<uint8_t> storage_;
    std::vector<uint8_t> output_;
    std::vector<uint8_t> input_;
    size_t at_ = 0;
    size_t end_ = 0;
    iscsi::FrameReader frames_;
};

}  // namespace bootwire::peer
