// Reading and writing numbers in byte buffers, big-endian (the network's order) or little-endian
// (most disk formats). All offsets are checked by the caller through span sizes; use Reader where
// the bytes come from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bootwire {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

/// The same bytes, as whoever reads them wants them.
inline Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

uint16_t load_be16(const uint8_t* from);
uint32_t load_be24(const uint8_t* from);
uint32_t load_be32(const uint8_t* from);
uint64_t load_be64(const uint8_t* from);
uint16_t load_le16(const uint8_t* from);
uint32_t load_le32(const uint8_t* from);
uint64_t load_le64(const uint8_t* from);

void store_be16(uint8_t* to, uint16_t value);
void store_be24(uint8_t* to, uint32_t value);
void store_be32(uint8_t* to, uint32_t value);
void store_be64(uint8_t* to, uint64_t value);
void store_le16(uint8_t* to, uint16_t value);
void store_le32(uint8_t* to, uint32_t value);
void store_le64(uint8_t* to, uint64_t value);

/// Walks over bytes from outside; every step says whether there was enough left.
class Reader {
  public:
    explicit Reader(Bytes bytes) : rest_(bytes) {}

    size_t remaining() const { return rest_.size(); }
    bool empty() const { return rest_.empty(); }
    std::optional<uint8_t> u8();
    std::optional<uint16_t> be16();
    std::optional<uint32_t> be32();
    std::optional<Bytes> take(size_t count);

  private:
    Bytes rest_;
};

}  // namespace bootwire
