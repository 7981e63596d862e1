#include "base/crc32c.h"

#include <array>

#include "base/crc32c_step.h"

namespace bootwire {

namespace {

constexpr uint32_t reflected_polynomial = 0x82f63b78;

constexpr std::array<uint32_t, 256> make_table() {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < table.size(); ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = value >> 1 ^ ((value & 1) != 0 ? reflected_polynomial : 0);
        table[i] = value;
    }
    return table;
}

constexpr auto table_of_bytes = make_table();

}  // namespace

uint32_t crc32c_by_table(uint32_t state, Bytes bytes) {
    for (const uint8_t byte : bytes)
        state = state >> 8 ^ table_of_bytes[(state ^ byte) & 0xff];
    return state;
}

void Crc32c::add(Bytes bytes) {
    const Crc32cStep of_processor = crc32c_of_processor();
    state_ = of_processor != nullptr ? of_processor(state_, bytes) : crc32c_by_table(state_, bytes);
}

uint32_t crc32c(Bytes bytes) {
    Crc32c sum;
    sum.add(bytes);
    return sum.value();
}

}  // namespace bootwire
