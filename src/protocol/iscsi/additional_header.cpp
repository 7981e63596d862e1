// The additional header segments (RFC 7143 section 11.2.2): a length that counts what follows the
// type's byte, the type, a reserved byte, and what the type says; filled up to a multiple of four.
#include <algorithm>

#include "iscsi/pdu_scsi.h"

namespace bootwire::iscsi {

namespace {

constexpr size_t head_size = 3;  // length and type
constexpr uint8_t type_more_cdb = 1;
constexpr uint8_t type_read_length = 2;
constexpr size_t read_length_size = 5;  // the reserved byte and the number
constexpr size_t max_more_cdb = max_cdb_size - 16;

size_t segment_size(size_t specific) {
    return padded(head_size + specific);
}

/// The place for what follows the reserved byte.
uint8_t* begin_segment(uint8_t* at, uint8_t type, size_t specific) {
    std::fill_n(at, segment_size(specific), uint8_t{0});
    store_be16(at, static_cast<uint16_t>(specific));
    at[2] = type;
    return at + 4;
}

bool take_more_cdb(Bytes specific, AdditionalHeader& header) {
    if (!header.more_cdb.empty() || specific.size() < 2) return false;
    header.more_cdb = specific.subspan(1);
    return header.more_cdb.size() <= max_more_cdb;
}

bool take_read_length(Bytes specific, AdditionalHeader& header) {
    if (header.read_length || specific.size() != read_length_size) return false;
    header.read_length = load_be32(&specific[1]);
    return true;
}

}  // namespace

size_t AdditionalHeader::size() const {
    return (more_cdb.empty() ? 0 : segment_size(1 + more_cdb.size())) +
           (read_length ? segment_size(read_length_size) : 0);
}

Bytes AdditionalHeader::encode(MutableBytes to) const {
    const size_t needed = size();
    if (to.size() < needed || more_cdb.size() > max_more_cdb) return {};
    uint8_t* at = to.data();
    if (!more_cdb.empty()) {
        std::ranges::copy(more_cdb, begin_segment(at, type_more_cdb, 1 + more_cdb.size()));
        at += segment_size(1 + more_cdb.size());
    }
    if (read_length) {
        store_be32(begin_segment(at, type_read_length, read_length_size), *read_length);
    }
    return to.first(needed);
}

std::optional<AdditionalHeader> AdditionalHeader::decode(Bytes segments) {
    AdditionalHeader header;
    while (!segments.empty()) {
        if (segments.size() < head_size) return std::nullopt;
        const size_t specific = load_be16(segments.data());
        if (segment_size(specific) > segments.size()) return std::nullopt;
        const Bytes content = segments.subspan(head_size, specific);
        if (segments[2] == type_more_cdb && !take_more_cdb(content, header)) return std::nullopt;
        if (segments[2] == type_read_length && !take_read_length(content, header)) {
            return std::nullopt;
        }
        segments = segments.subspan(segment_size(specific));
    }
    return header;
}

}  // namespace bootwire::iscsi
