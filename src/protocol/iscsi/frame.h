// PDUs in a stream of bytes: lengths, padding and digests (RFC 7143 section 11.2).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "iscsi/pdu.h"

namespace bootwire::iscsi {

/// Which digests the connection uses; none before the full feature phase.
struct Digests {
    bool header = false;
    bool data = false;
};

/// Bytes that a PDU with this header occupies in the stream.
size_t frame_size(BhsView bhs, Digests digests);
/// The same for a PDU that is not made yet and has no additional header segments.
size_t frame_size(size_t data_length, Digests digests);
/// Room for a PDU with that much data, up to 256 bytes of additional header segments, and digests.
constexpr size_t longest_frame(size_t data_length) {
    return bhs_size + 256 + padded(data_length) + 8;
}
/// Writes header, additional header segments (a multiple of 4 bytes, up to 1020), data, padding
/// and digests; sets the header's lengths. Gives the bytes written, 0 if `to` is too small.
size_t write_frame(BhsView bhs, Bytes data, Digests digests, MutableBytes to,
                   Bytes additional_header = {});

enum class FrameState : uint8_t {
    needs_more,
    ready,
    too_long,  ///< longer than the storage: the stream is of no further use
    header_digest_wrong,
    data_digest_wrong,
};

/// Cuts a stream into PDUs, one at a time, in storage of the caller's.
class FrameReader {
  public:
    /// storage: at least bhs_size + 4; a PDU whose header segments, data, padding and digests do
    /// not fit is `too_long`.
    explicit FrameReader(MutableBytes storage) : storage_(storage) {}

    /// Holds from the next PDU on.
    void use_digests(Digests digests) { digests_ = digests; }
    /// Takes bytes up to the end of the current PDU and says how many it took; none while a PDU is
    /// ready.
    size_t feed(Bytes bytes);
    /// For those who receive into place instead: where the bytes go that are known to be missing
    /// from the current PDU, first the header's, then the rest. Empty unless it needs more.
    MutableBytes room();
    /// So many have been put into room().
    void arrived(size_t count);
    FrameState state() const { return state_; }
    /// The PDU that is ready; valid until next().
    PduView pdu() const;
    /// Additional header segments of the PDU that is ready.
    Bytes additional_header() const;
    /// Forgets the PDU and begins with the next one.
    void next();

  private:
    BhsView bhs() const { return BhsView(storage_.data(), bhs_size); }
    size_t data_offset() const;
    FrameState judge() const;

    MutableBytes storage_;
    Digests digests_;
    size_t size_ = 0;
    FrameState state_ = FrameState::needs_more;
};

}  // namespace bootwire::iscsi
