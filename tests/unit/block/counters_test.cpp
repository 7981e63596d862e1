#include "block/counters.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

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

TEST(Counters, are_read_again_from_the_same_descriptor) {
    const Fd stat(memfd_create("stat", MFD_CLOEXEC));
    EXPECT_FALSE(read_counters(stat));
    ASSERT_EQ(write(stat.get(), "1 0 8 0 1 0 8 0 0 0 0\n", 22), 22);
    EXPECT_EQ(read_counters(stat), read_counters(stat));
    EXPECT_TRUE(read_counters(stat));
    EXPECT_FALSE(read_counters(Fd()));
}

}  // namespace
}  // namespace bootwire::block
