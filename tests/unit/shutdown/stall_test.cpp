#include "shutdown/stall.h"

#include <gtest/gtest.h>

namespace bootwire::shutdown {
namespace {

using namespace std::chrono_literals;

TEST(Stall, is_over_when_nothing_has_moved_for_as_long_as_the_limit) {
    Stall stall(60s, 100s);
    EXPECT_FALSE(stall.is_over(4096, false, 101s));
    EXPECT_FALSE(stall.is_over(4096, false, 159s));
    EXPECT_TRUE(stall.is_over(4096, false, 160s));
}

TEST(Stall, goes_on_for_as_long_as_ever_less_is_unwritten) {
    Stall stall(60s, 0s);
    uint64_t unwritten = 1 << 20;
    for (Moment at = 0s; at < 3600s; at += 30s)
        EXPECT_FALSE(stall.is_over(unwritten--, false, at));
    EXPECT_TRUE(stall.is_over(unwritten + 1, false, 3660s));
}

TEST(Stall, does_not_take_new_work_for_movement) {
    Stall stall(60s, 0s);
    EXPECT_FALSE(stall.is_over(0, false, 10s));
    EXPECT_TRUE(stall.is_over(8192, false, 61s));
}

TEST(Stall, begins_anew_behind_what_excuses_it) {
    Stall stall(60s, 0s);
    EXPECT_FALSE(stall.is_over(0, true, 3600s));
    EXPECT_FALSE(stall.is_over(0, false, 3659s));
    EXPECT_TRUE(stall.is_over(0, false, 3660s));
}

TEST(Unwritten, is_what_waits_and_what_is_on_its_way) {
    EXPECT_EQ(parse_unwritten("MemFree:  512 kB\nDirty:   12 kB\nWriteback:      3 kB\n"
                              "WritebackTmp:   7 kB\n"),
              15u * 1024);
    EXPECT_EQ(parse_unwritten("Dirty:\nWriteback: much\n"), 0u);
}

}  // namespace
}  // namespace bootwire::shutdown
