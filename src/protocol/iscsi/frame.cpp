#include "iscsi/frame.h"

#include <algorithm>

#include "base/crc32c.h"

namespace bootwire::iscsi {

namespace {

constexpr size_t digest_size = 4;

/// Of header, additional header segments and their digest.
size_t header_size(BhsView bhs, Digests digests) {
    return bhs_size + ahs_length_of(bhs) + (digests.header ? digest_size : 0);
}

/// The bytes end with the digest of those before.
bool is_sound(Bytes bytes) {
    const size_t covered = bytes.size() - digest_size;
    return crc32c(bytes.first(covered)) == load_le32(&bytes[covered]);
}

}  // namespace

size_t frame_size(BhsView bhs, Digests digests) {
    return ahs_length_of(bhs) + frame_size(size_t{data_length_of(bhs)}, digests);
}

size_t frame_size(size_t data_length, Digests digests) {
    return bhs_size + (digests.header ? digest_size : 0) + padded(data_length) +
           (digests.data && data_length > 0 ? digest_size : 0);
}

FramePieces::FramePieces(BhsView bhs, Bytes data, Digests digests, Bytes additional_header) {
    if (data.size() > max_data_segment_length || additional_header.size() % 4 != 0 ||
        additional_header.size() / 4 > 255) {
        return;
    }
    std::ranges::copy(bhs, header_.begin());
    header_[4] = static_cast<uint8_t>(additional_header.size() / 4);
    set_data_length(header_, static_cast<uint32_t>(data.size()));
    add(header_);
    add(additional_header);
    if (digests.header) {
        Crc32c sum;
        sum.add(header_);
        sum.add(additional_header);
        store_le32(header_digest_.data(), sum.value());
        add(header_digest_);
    }
    add(data);
    tail_.fill(0);
    const size_t padding = padded(data.size()) - data.size();
    const bool has_digest = digests.data && !data.empty();
    if (has_digest) {
        Crc32c sum;
        sum.add(data);
        sum.add(Bytes(tail_).first(padding));
        store_le32(&tail_[padding], sum.value());
    }
    add(Bytes(tail_).first(padding + (has_digest ? digest_size : 0)));
}

void FramePieces::add(Bytes piece) {
    if (piece.empty()) return;
    pieces_[count_++] = piece;
    size_ += piece.size();
}

size_t write_frame(BhsView bhs, Bytes data, Digests digests, MutableBytes to,
                   Bytes additional_header) {
    const FramePieces frame(bhs, data, digests, additional_header);
    if (to.size() < frame.size()) return 0;
    auto at = to.begin();
    for (const Bytes piece : frame.all())
        at = std::ranges::copy(piece, at).out;
    return frame.size();
}

size_t FrameReader::feed(Bytes bytes) {
    size_t taken = 0;
    while (state_ == FrameState::needs_more && taken < bytes.size()) {
        const MutableBytes to = room();
        const size_t count = std::min(to.size(), bytes.size() - taken);
        std::ranges::copy(bytes.subspan(taken, count), to.begin());
        taken += count;
        arrived(count);
    }
    return taken;
}

MutableBytes FrameReader::room() {
    if (state_ != FrameState::needs_more) return {};
    return storage_.subspan(size_,
                            (size_ < bhs_size ? bhs_size : frame_size(bhs(), digests_)) - size_);
}

void FrameReader::arrived(size_t count) {
    size_ += count;
    state_ = judge();
}

FrameState FrameReader::judge() const {
    if (size_ < bhs_size) return FrameState::needs_more;
    const size_t size = frame_size(bhs(), digests_);
    if (size > storage_.size()) return FrameState::too_long;
    if (size_ < size) return FrameState::needs_more;
    if (digests_.header && !is_sound(storage_.first(header_size(bhs(), digests_)))) {
        return FrameState::header_digest_wrong;
    }
    const size_t data_length = data_length_of(bhs());
    if (digests_.data && data_length > 0) {
        if (!is_sound(storage_.subspan(data_offset(), padded(data_length) + digest_size))) {
            return FrameState::data_digest_wrong;
        }
    }
    return FrameState::ready;
}

size_t FrameReader::data_offset() const {
    return header_size(bhs(), digests_);
}

PduView FrameReader::pdu() const {
    return {bhs(), storage_.subspan(data_offset(), data_length_of(bhs()))};
}

Bytes FrameReader::additional_header() const {
    return storage_.subspan(bhs_size, ahs_length_of(bhs()));
}

void FrameReader::next() {
    size_ = 0;
    state_ = FrameState::needs_more;
}

void HeaderFirstReader::next() {
    data_ = {};
    state_ = FrameState::needs_more;
    begin(Part::header, MutableBytes(header_).first(bhs_size));
    header_size_ = 0;
}

void HeaderFirstReader::begin(Part part, MutableBytes room) {
    part_ = part;
    room_ = room;
    if (room.empty() && part != Part::place_of_data) on_part();
}

MutableBytes HeaderFirstReader::room() {
    return state_ == FrameState::needs_more ? room_ : MutableBytes{};
}

void HeaderFirstReader::arrived(size_t count) {
    room_ = room_.subspan(count);
    if (room_.empty()) on_part();
}

size_t HeaderFirstReader::feed(Bytes bytes) {
    size_t taken = 0;
    while (taken < bytes.size() && !room().empty()) {
        const size_t count = std::min(room_.size(), bytes.size() - taken);
        std::ranges::copy(bytes.subspan(taken, count), room_.begin());
        taken += count;
        arrived(count);
    }
    return taken;
}

/// What was awaited is there.
void HeaderFirstReader::on_part() {
    switch (part_) {
        case Part::header:
            return on_header();
        case Part::data: {
            const size_t padding = padded(data_.size()) - data_.size();
            return begin(Part::tail,
                         MutableBytes(tail_).first(padding + (digests_.data ? digest_size : 0)));
        }
        case Part::tail:
            state_ = judge_data();
            return;
        case Part::place_of_data:
            return;
    }
}

/// The first 48 bytes say how much more of a header there is.
void HeaderFirstReader::on_header() {
    if (data_length_of(bhs()) > longest_data_) {
        state_ = FrameState::too_long;
    } else if (header_size_ == 0) {
        header_size_ = header_size(bhs(), digests_);
        begin(Part::header, MutableBytes(header_).subspan(bhs_size, header_size_ - bhs_size));
    } else if (digests_.header && !is_sound(Bytes(header_).first(header_size_))) {
        state_ = FrameState::header_digest_wrong;
    } else if (data_length_of(bhs()) == 0) {
        state_ = FrameState::ready;
    } else {
        begin(Part::place_of_data, {});
    }
}

void HeaderFirstReader::put_data(MutableBytes place) {
    data_ = place;
    begin(Part::data, place);
}

FrameState HeaderFirstReader::judge_data() const {
    if (!digests_.data) return FrameState::ready;
    const size_t padding = padded(data_.size()) - data_.size();
    Crc32c sum;
    sum.add(data_);
    sum.add(Bytes(tail_).first(padding));
    return sum.value() == load_le32(&tail_[padding]) ? FrameState::ready
                                                     : FrameState::data_digest_wrong;
}

}  // namespace bootwire::iscsi
