#include "base/bytes.h"

namespace bootwire {

namespace {

template <class Number, size_t width = sizeof(Number)>
Number load_be(const uint8_t* from) {
    Number value = 0;
    for (size_t i = 0; i < width; ++i)
        value = static_cast<Number>(value << 8 | from[i]);
    return value;
}

template <class Number>
Number load_le(const uint8_t* from) {
    Number value = 0;
    for (size_t i = sizeof value; i-- > 0;)
        value = static_cast<Number>(value << 8 | from[i]);
    return value;
}

template <size_t width, class Number>
void store_be(uint8_t* to, Number value) {
    for (size_t i = width; i-- > 0; value = static_cast<Number>(value >> 8)) {
        to[i] = static_cast<uint8_t>(value);
    }
}

template <class Number>
void store_le(uint8_t* to, Number value) {
    for (size_t i = 0; i < sizeof value; ++i, value = static_cast<Number>(value >> 8)) {
        to[i] = static_cast<uint8_t>(value);
    }
}

}  // namespace

uint16_t load_be16(const uint8_t* from) {
    return static_cast<uint16_t>(load_be<uint32_t, 2>(from));
}
uint32_t load_be24(const uint8_t* from) {
    return load_be<uint32_t, 3>(from);
}
uint32_t load_be32(const uint8_t* from) {
    return load_be<uint32_t>(from);
}
uint64_t load_be64(const uint8_t* from) {
    return load_be<uint64_t>(from);
}
uint16_t load_le16(const uint8_t* from) {
    return static_cast<uint16_t>(from[0] | from[1] << 8);
}
uint32_t load_le32(const uint8_t* from) {
    return load_le<uint32_t>(from);
}
uint64_t load_le64(const uint8_t* from) {
    return load_le<uint64_t>(from);
}

void store_be16(uint8_t* to, uint16_t value) {
    store_be<2>(to, uint32_t{value});
}
void store_be24(uint8_t* to, uint32_t value) {
    store_be<3>(to, value);
}
void store_be32(uint8_t* to, uint32_t value) {
    store_be<4>(to, value);
}
void store_be64(uint8_t* to, uint64_t value) {
    store_be<8>(to, value);
}
void store_le16(uint8_t* to, uint16_t value) {
    to[0] = static_cast<uint8_t>(value);
    to[1] = static_cast<uint8_t>(value >> 8);
}
void store_le32(uint8_t* to, uint32_t value) {
    store_le(to, value);
}
void store_le64(uint8_t* to, uint64_t value) {
    store_le(to, value);
}

std::optional<uint8_t> Reader::u8() {
    const auto bytes = take(1);
    if (!bytes) return std::nullopt;
    return (*bytes)[0];
}

std::optional<uint16_t> Reader::be16() {
    const auto bytes = take(2);
    if (!bytes) return std::nullopt;
    return load_be16(bytes->data());
}

std::optional<uint32_t> Reader::be32() {
    const auto bytes = take(4);
    if (!bytes) return std::nullopt;
    return load_be32(bytes->data());
}

std::optional<Bytes> Reader::take(size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

}  // namespace bootwire
