#include "eeprom/unpack.h"

namespace bootwire::eeprom {

namespace {

using Output = std::vector<uint8_t>;

/// False if it is more than there may be.
bool append(Output& to, Bytes bytes) {
    if (bytes.size() > largest_unpacked - to.size()) return false;
    to.insert(to.end(), bytes.begin(), bytes.end());
    return true;
}

/// What came out `distance` bytes ago once more; it may run into itself.
bool repeat(Output& output, size_t distance, size_t length) {
    if (distance == 0 || distance > output.size()) return false;
    if (length > largest_unpacked - output.size()) return false;
    for (size_t i = 0; i < length; ++i)
        output.push_back(output[output.size() - distance]);
    return true;
}

std::optional<uint32_t> le32(Reader& reader) {
    const auto bytes = reader.take(4);
    if (!bytes) return std::nullopt;
    return load_le32(bytes->data());
}

/// A length of which 4 bits are known: 15 of them say that bytes follow, up to one that is not 255.
std::optional<size_t> lz4_length(Reader& reader, size_t start) {
    size_t length = start;
    for (bool more = start == 15; more;) {
        const auto byte = reader.u8();
        if (!byte) return std::nullopt;
        length += *byte;
        more = *byte == 255;
    }
    return length;
}

bool unpack_lz4_block(Bytes block, Output& output) {
    constexpr size_t shortest_match = 4;
    Reader reader(block);
    while (const auto token = reader.u8()) {
        const auto literals = lz4_length(reader, *token >> 4);
        if (!literals) return false;
        const auto bytes = reader.take(*literals);
        if (!bytes || !append(output, *bytes)) return false;
        if (reader.empty()) return true;  // the last one is without a match
        const auto distance = reader.take(2);
        const auto length = lz4_length(reader, *token & 15);
        if (!distance || !length) return false;
        if (!repeat(output, load_le16(distance->data()), *length + shortest_match)) return false;
    }
    return false;
}

}  // namespace

std::optional<std::vector<uint8_t>> unpack_lz4(Bytes frame) {
    constexpr uint32_t magic = 0x184d2204;
    constexpr uint8_t has_block_sums = 0x10;
    constexpr uint8_t has_size = 0x08;
    constexpr uint8_t has_dictionary = 0x01;
    constexpr uint32_t as_it_is = 1U << 31;
    Reader reader(frame);
    if (le32(reader) != magic) return std::nullopt;
    const auto descriptor = reader.take(2);
    if (!descriptor || ((*descriptor)[0] & has_dictionary) != 0) return std::nullopt;
    const uint8_t flags = (*descriptor)[0];
    if (!reader.take(((flags & has_size) != 0 ? 8 : 0) + 1)) return std::nullopt;
    Output output;
    for (;;) {
        const auto size = le32(reader);
        if (!size) return std::nullopt;
        if (*size == 0) return output;
        const auto block = reader.take(*size & ~as_it_is);
        if (!block) return std::nullopt;
        const bool whole =
            (*size & as_it_is) != 0 ? append(output, *block) : unpack_lz4_block(*block, output);
        if (!whole) return std::nullopt;
        if ((flags & has_block_sums) != 0 && !reader.take(4)) return std::nullopt;
    }
}

std::optional<std::vector<uint8_t>> unpack_pairs(Bytes packed) {
    Reader reader(packed);
    Output output;
    while (const auto flags = reader.u8()) {
        for (unsigned bit = 0; bit < 8 && !reader.empty(); ++bit) {
            const bool pair = (*flags >> bit & 1) != 0;
            const auto item = reader.take(pair ? 2 : 1);
            if (!item) return std::nullopt;
            const bool fits =
                pair ? repeat(output, (*item)[0] + 1, (*item)[1] + 1) : append(output, *item);
            if (!fits) return std::nullopt;
        }
    }
    return output;
}

}  // namespace bootwire::eeprom
