#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "base/crc32c_step.h"

namespace bootwire {
namespace {

/// The vectors of RFC 7143 appendix A (RFC 3720 B.4) are given as bytes in the order of the wire.
uint32_t on_wire(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    const std::array<uint8_t, 4> bytes{a, b, c, d};
    return load_le32(bytes.data());
}

TEST(Crc32c, agrees_with_the_vectors_of_the_rfc) {
    std::array<uint8_t, 32> bytes{};
    EXPECT_EQ(crc32c(bytes), on_wire(0xaa, 0x36, 0x91, 0x8a));
    bytes.fill(0xff);
    EXPECT_EQ(crc32c(bytes), on_wire(0x43, 0xab, 0xa8, 0x62));
    std::iota(bytes.begin(), bytes.end(), uint8_t{0});
    EXPECT_EQ(crc32c(bytes), on_wire(0x4e, 0x79, 0xdd, 0x46));
    std::iota(bytes.rbegin(), bytes.rend(), uint8_t{0});
    EXPECT_EQ(crc32c(bytes), on_wire(0x5c, 0xdb, 0x3f, 0x11));
}

TEST(Crc32c, agrees_with_the_read_command_of_the_rfc) {
    std::array<uint8_t, 48> bhs{0x01, 0xc0};
    bhs[16] = 0x14;
    bhs[22] = 0x04;
    bhs[27] = 0x14;
    bhs[31] = 0x18;
    bhs[32] = 0x28;
    bhs[40] = 0x02;
    EXPECT_EQ(crc32c(bhs), on_wire(0x56, 0x3a, 0x96, 0xd9));
}

TEST(Crc32c, sums_up_pieces_as_the_whole) {
    std::array<uint8_t, 32> bytes{};
    std::iota(bytes.begin(), bytes.end(), uint8_t{0});
    Crc32c sum;
    sum.add(Bytes(bytes).first(7));
    sum.add(Bytes(bytes).subspan(7));
    EXPECT_EQ(sum.value(), crc32c(bytes));
    EXPECT_EQ(crc32c({}), 0u);
}

/// Both ways, as the processor at hand has only one of them.
TEST(Crc32c, is_the_same_by_table_and_by_the_processor_s_instruction_at_any_offset_and_length) {
    const Crc32cStep of_processor = crc32c_of_processor();
    if (of_processor == nullptr) GTEST_SKIP() << "this processor has no such instruction";
    std::array<uint8_t, 96> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<uint8_t>(i * i + 37 * i);
    for (size_t from = 0; from < 9; ++from) {
        for (size_t length = 0; from + length <= bytes.size(); ++length) {
            const Bytes some = Bytes(bytes).subspan(from, length);
            EXPECT_EQ(of_processor(0x12345678, some), crc32c_by_table(0x12345678, some))
                << length << " bytes from " << from;
        }
    }
    constexpr std::array<uint8_t, 9> check{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
    EXPECT_EQ(~crc32c_by_table(0xffffffff, check), 0xe3069283);
    EXPECT_EQ(~of_processor(0xffffffff, check), 0xe3069283);
}

}  // namespace
}  // namespace bootwire
