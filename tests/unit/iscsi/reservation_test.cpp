#include "iscsi/reservation.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(Sense, is_read_in_both_formats) {
    const uint8_t fixed[] = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2a, 3, 0, 0, 0, 0};
    const uint8_t descriptor[] = {0x72, 5, 0x20, 1, 0, 0, 0, 0};
    EXPECT_EQ(decode_sense(fixed)->key, 6);
    EXPECT_EQ(decode_sense(fixed)->code, 0x2a);
    EXPECT_EQ(decode_sense(descriptor)->key, 5);
    EXPECT_EQ(decode_sense(descriptor)->qualifier, 1);
    EXPECT_FALSE(decode_sense({}));
}

}  // namespace
}  // namespace bootwire::iscsi
