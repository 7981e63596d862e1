#include "iscsi/frame.h"

#include <algorithm>

#include "base/crc32c.h"

namespace bootwire::iscsi {

namespace {

constexpr size_t digest_size = 4;

}  // namespace

size_t frame_size(BhsView bhs, Digests digests) {
    return ahs_length_of(bhs) + frame_size(size_t{data_length_of(bhs)}, digests);
}

size_t frame_size(size_t data_length, Digests digests) {
    return bhs_size + (digests.header ? digest_size : 0) + padded(data_length) +
           (digests.data && data_length > 0 ? digest_size : 0);
}

size_t write_frame(BhsView bhs, Bytes data, Digests digests, MutableBytes to,
                   Bytes additional_header) {
    const size_t size = additional_header.size() + frame_size(data.size(), digests);
    if (data.size() > max_data_segment_length || to.size() < size ||
        additional_header.size() % 4 != 0 || additional_header.size() / 4 > 255) {
        return 0;
    }
    Bhs header;
    std::ranges::copy(bhs, header.begin());
    header[4] = static_cast<uint8_t>(additional_header.size() / 4);
    set_data_length(header, static_cast<uint32_t>(data.size()));
    uint8_t* at = std::ranges::copy(header, to.data()).out;
    at = std::ranges::copy(additional_header, at).out;
    if (digests.header) {
        store_le32(at, crc32c(Bytes(to.data(), at)));
        at += digest_size;
    }
    const uint8_t* segment = at;
    at = std::ranges::copy(data, at).out;
    at = std::fill_n(at, padded(data.size()) - data.size(), uint8_t{0});
    if (digests.data && !data.empty()) store_le32(at, crc32c(Bytes(segment, at)));
    return size;
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
    if (digests_.header) {
        const size_t covered = bhs_size + ahs_length_of(bhs());
        if (crc32c(storage_.first(covered)) != load_le32(&storage_[covered])) {
            return FrameState::header_digest_wrong;
        }
    }
    const size_t data_length = data_length_of(bhs());
    if (digests_.data && data_length > 0) {
        const Bytes segment = storage_.subspan(data_offset(), padded(data_length));
        if (crc32c(segment) != load_le32(&storage_[data_offset() + segment.size()])) {
            return FrameState::data_digest_wrong;
        }
    }
    return FrameState::ready;
}

size_t FrameReader::data_offset() const {
    return bhs_size + ahs_length_of(bhs()) + (digests_.header ? digest_size : 0);
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

}  // namespace bootwire::iscsi
