#include "kernel/raid6_tables.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace bootwire::kernel::raid6 {
namespace {

/// In the field that x^8 + x^4 + x^3 + x^2 + 1 makes of eight bits: multiplied as on paper, then
/// reduced.
uint8_t product(unsigned a, unsigned b) {
    unsigned sum = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
        if ((b >> bit & 1) != 0) sum ^= a << bit;
    }
    for (unsigned bit = 14; bit >= 8; --bit) {
        if ((sum >> bit & 1) != 0) sum ^= 0x11du << (bit - 8);
    }
    return static_cast<uint8_t>(sum);
}

class Raid6Tables : public testing::Test {
  protected:
    static void SetUpTestSuite() { raid6_init_tables(); }
};

TEST_F(Raid6Tables, have_the_product_of_any_two_bytes) {
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned b = 0; b < 256; ++b)
            ASSERT_EQ(raid6_gfmul[a][b], product(a, b)) << a << '*' << b;
    }
}

TEST_F(Raid6Tables, have_it_by_halves_of_a_byte_for_vector_instructions) {
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned half = 0; half < 16; ++half) {
            ASSERT_EQ(raid6_vgfmul[a][half], product(a, half));
            ASSERT_EQ(raid6_vgfmul[a][16 + half], product(a, half << 4));
        }
    }
}

TEST_F(Raid6Tables, have_the_powers_of_2_and_which_power_a_byte_is) {
    uint8_t power = 1;
    for (unsigned n = 0; n < 255; ++n, power = product(power, 2)) {
        ASSERT_EQ(raid6_gfexp[n], power);
        ASSERT_EQ(raid6_gflog[power], n);
    }
    EXPECT_EQ(raid6_gfexp[255], 0);
    EXPECT_EQ(raid6_gflog[0], 255);
}

TEST_F(Raid6Tables, have_what_a_byte_is_divided_by) {
    EXPECT_EQ(raid6_gfinv[0], 0);
    for (unsigned a = 1; a < 256; ++a)
        ASSERT_EQ(product(a, raid6_gfinv[a]), 1);
    for (unsigned n = 0; n < 256; ++n) {
        ASSERT_EQ(raid6_gfexi[n], raid6_gfinv[raid6_gfexp[n] ^ 1]);
    }
}

/// FNV-1a over what lib/raid/raid6/mktables.c of Linux 7.3.4 prints, in its order.
TEST_F(Raid6Tables, are_those_that_linux_carries_along) {
    uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](const auto& table) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(&table);
        for (size_t i = 0; i < sizeof(table); ++i)
            hash = (hash ^ bytes[i]) * 0x100000001b3;
    };
    add(raid6_gfmul);
    add(raid6_vgfmul);
    add(raid6_gfexp);
    add(raid6_gflog);
    add(raid6_gfinv);
    add(raid6_gfexi);
    EXPECT_EQ(hash, 0x8315814a64db81e5);
}

}  // namespace
}  // namespace bootwire::kernel::raid6
