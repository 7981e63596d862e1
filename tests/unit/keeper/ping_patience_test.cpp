#include "keeper/ping_patience.h"

#include <gtest/gtest.h>

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

TEST(PingPatience, grows_with_each_ping_that_a_target_which_is_there_does_not_answer) {
    PingPatience pings;
    EXPECT_EQ(pings.timeout(), 5s);
    for (const auto& timeout : {10s, 20s, 40s, 60s}) {
        pings.lost(true, 10s);
        EXPECT_TRUE(pings.back(100ms, true));
        EXPECT_EQ(pings.timeout(), timeout);
    }
    pings.lost(true, 70s);
    EXPECT_FALSE(pings.back(100ms, true)) << "it is said once";
    EXPECT_EQ(pings.timeout(), 60s);
}

TEST(PingPatience, is_the_usual_one_where_the_target_was_away_or_is_elsewhere_now) {
    PingPatience pings;
    pings.lost(true, 10s);
    EXPECT_FALSE(pings.back(5001ms, true));
    pings.lost(true, 10s);
    EXPECT_FALSE(pings.back(100ms, false));
    pings.lost(false, 10s);
    EXPECT_FALSE(pings.back(100ms, true)) << "lost to something else";
    EXPECT_FALSE(pings.back(100ms, true));
    EXPECT_EQ(pings.timeout(), 5s);
    pings.lost(true, 10s);
    EXPECT_TRUE(pings.back(5s, true));
}

TEST(PingPatience, is_the_usual_one_again_after_a_quiet_hour) {
    PingPatience pings;
    pings.lost(true, 10s);
    pings.back(100ms, true);
    pings.lost(false, 1h - 1ms);
    EXPECT_EQ(pings.timeout(), 10s);
    pings.lost(true, 1h);
    EXPECT_EQ(pings.timeout(), 5s);
    EXPECT_TRUE(pings.back(100ms, true));
    EXPECT_EQ(pings.timeout(), 10s);
}

}  // namespace
}  // namespace bootwire::keeper
