// PDUs in a stream of bytes: lengths, padding and digests (RFC 7143 section 11.2).
#pragma once

#include <array>
#include <cstdint>
#include <span>

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
/// A PDU as the pieces that the stream has of it, for one writev(2): nothing is copied but the
/// header. Views into itself and into what it was given.
class FramePieces {
  public:
    /// Header, additional header segments, digest, data, padding with digest.
    static constexpr size_t most = 5;

    /// additional_header: a multiple of 4 bytes, up to 1020. Sets the header's lengths. Of a PDU
    /// that cannot be, for that or for more data than max_data_segment_length, there are no pieces.
    FramePieces(BhsView bhs, Bytes data, Digests digests, Bytes additional_header = {});
    FramePieces(const FramePieces&) = delete;
    FramePieces& operator=(const FramePieces&) = delete;

    /// None is empty.
    std::span<const Bytes> all() const { return std::span(pieces_).first(count_); }
    /// Bytes of all of them: frame_size().
    size_t size() const { return size_; }

  private:
    void add(Bytes piece);

    Bhs header_;
    std::array<uint8_t, 4> header_digest_;
    std::array<uint8_t, 7> tail_;  ///< padding and the digest of the data
    std::array<Bytes, most> pieces_;
    size_t count_ = 0;
    size_t size_ = 0;
};

/// Writes header, additional header segments (a multiple of 4 bytes, up to 1020), data, padding
/// and digests; sets the header's lengths. Gives the bytes written, 0 if `to` is too small.
size_t write_frame(BhsView bhs, Bytes data, Digests digests, MutableBytes to,
                   Bytes additional_header = {});

enum class FrameState : uint8_t {
    needs_more,
    ready,
    too_long,  ///< longer than there is room for: the stream is of no further use
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

/// Cuts a stream into PDUs whose data are received where they belong: the header comes first, and
/// is checked, and whoever has looked at it says where the data go.
///
///     while (frames.state() == FrameState::needs_more) {
///         if (frames.has_header()) frames.put_data(a place for frames.bhs()'s data);
///         receive into frames.room(); frames.arrived(so many);
///     }
class HeaderFirstReader {
  public:
    /// longest_data: of a PDU; one with more is `too_long`.
    explicit HeaderFirstReader(size_t longest_data) : longest_data_(longest_data) {}
    HeaderFirstReader(const HeaderFirstReader&) = delete;
    HeaderFirstReader& operator=(const HeaderFirstReader&) = delete;

    /// Holds from the next PDU on.
    void use_digests(Digests digests) { digests_ = digests; }
    FrameState state() const { return state_; }
    /// A header is there, of a PDU with data, and nobody has said where they go.
    bool has_header() const { return part_ == Part::place_of_data; }
    /// From has_header() on, and while a PDU is ready.
    BhsView bhs() const { return BhsView(header_.data(), bhs_size); }
    Bytes additional_header() const {
        return Bytes(header_).subspan(bhs_size, ahs_length_of(bhs()));
    }
    /// place: exactly data_length_of(bhs()) bytes, left alone until the PDU is over.
    void put_data(MutableBytes place);

    /// Where the next bytes go: the header's, the data's, what is behind them. Never more than is
    /// known to be missing. Empty while a place is due, and unless it needs more.
    MutableBytes room();
    void arrived(size_t count);
    /// For those whose bytes have been received elsewhere: takes what there is room for.
    size_t feed(Bytes bytes);

    /// The PDU that is ready, its data where put_data() said.
    PduView pdu() const { return {bhs(), data_}; }
    /// Forgets the PDU and begins with the next one.
    void next();

  private:
    enum class Part : uint8_t { header, place_of_data, data, tail };

    void begin(Part part, MutableBytes room);
    void on_part();
    void on_header();
    FrameState judge_data() const;

    static constexpr size_t max_header = bhs_size + 1020 + 4;

    size_t longest_data_;
    Digests digests_;
    std::array<uint8_t, max_header> header_;
    std::array<uint8_t, 7> tail_;
    MutableBytes data_;
    MutableBytes room_{header_.data(), bhs_size};
    size_t header_size_ = 0;
    Part part_ = Part::header;
    FrameState state_ = FrameState::needs_more;
};

}  // namespace bootwire::iscsi
