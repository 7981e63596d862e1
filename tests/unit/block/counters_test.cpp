#include "block/counters.h"

#include <gtest/gtest.h>

namespace bootwire::block {
namespace {

TEST(Counters, are_read_from_the_kernels_text) {
    const auto counters = parse_counters(
        "     123        4     2048      100       50        6     1024       70        3      160 "
        "     170\n");
    ASSERT_TRUE(counters);
    EXPECT_EQ(*counters, (Counters{123, 2048 * 512, 50, 1024 * 512, 3}));
}

TEST(Counters, are_nothing_for_another_text) {
    EXPECT_FALSE(parse_counters(""));
    EXPECT_FALSE(parse_counters("1 2 3"));
    EXPECT_FALSE(parse_counters("1 2 x 4 5 6 7 8 9 10 11"));
    EXPECT_FALSE(parse_counters("1 2 3 4 5 6 7 8 -1 10 11"));
}

}  // namespace
}  // namespace bootwire::block
