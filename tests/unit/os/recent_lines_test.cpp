#include "os/recent_lines.h"

#include <gtest/gtest.h>

using bootwire::RecentLines;

TEST(RecentLines, keeps_the_newest_within_the_capacity) {
    RecentLines lines(10);
    for (const char* line : {"one", "two", "three"})
        lines.add(line);
    EXPECT_EQ(lines.text(), "two\nthree\n");
}

TEST(RecentLines, cuts_a_line_that_has_no_room) {
    RecentLines lines(5);
    lines.add("one");
    lines.add("0123456789");
    EXPECT_EQ(lines.text(), "0123\n");
}
