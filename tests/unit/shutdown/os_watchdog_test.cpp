#include "shutdown/os_watchdog.h"

#include <gtest/gtest.h>

namespace bootwire::shutdown {
namespace {

TEST(OsWatchdog, is_left_alone_where_none_runs) {
    EXPECT_FALSE(running_watchdog(nullptr, nullptr));
    EXPECT_FALSE(running_watchdog("0", "/dev/watchdog0"));
    EXPECT_FALSE(running_watchdog("many", nullptr));
}

TEST(OsWatchdog, is_the_one_that_systemd_names_or_the_usual_one) {
    EXPECT_EQ(running_watchdog("600000000", nullptr), "/dev/watchdog0");
    EXPECT_EQ(running_watchdog("600000000", ""), "/dev/watchdog0");
    EXPECT_EQ(running_watchdog("18446744073709551615", "/dev/watchdog1"), "/dev/watchdog1");
}

}  // namespace
}  // namespace bootwire::shutdown
