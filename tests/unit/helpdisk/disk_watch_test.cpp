#include "helpdisk/disk_watch.h"

#include <gtest/gtest.h>

namespace bootwire::helpdisk {
namespace {

using namespace std::chrono_literals;
using Verdict = DiskWatch::Verdict;

TEST(DiskWatch, leaves_alone_what_nobody_has_written_to) {
    DiskWatch watch;
    watch.begin(7);
    for (const Moment at : {0s, 1s, 20s, 100s})
        EXPECT_EQ(watch.look({true, false, 7}, at), Verdict::leave);
}

TEST(DiskWatch, reads_back_at_once_when_the_disk_is_ejected) {
    DiskWatch watch;
    watch.begin(7);
    EXPECT_EQ(watch.look({true, false, 8}, 1s), Verdict::leave);
    EXPECT_EQ(watch.look({true, true, 8}, 2s), Verdict::read_back);
    EXPECT_EQ(watch.look({true, true, 8}, 3s), Verdict::leave);
}

TEST(DiskWatch, reads_back_when_the_cable_is_pulled) {
    DiskWatch watch;
    watch.begin(7);
    EXPECT_EQ(watch.look({true, false, 8}, 1s), Verdict::leave);
    EXPECT_EQ(watch.look({false, false, 8}, 2s), Verdict::read_back);
}

TEST(DiskWatch, waits_until_writing_has_ended) {
    DiskWatch watch;
    watch.begin(7);
    EXPECT_EQ(watch.look({true, false, 8}, 1s), Verdict::leave);
    EXPECT_EQ(watch.look({true, false, 9}, 4s), Verdict::leave);
    EXPECT_EQ(watch.look({true, false, 9}, 8s), Verdict::leave);
    EXPECT_EQ(watch.look({true, false, 9}, 9s), Verdict::read_back);
    EXPECT_EQ(watch.look({true, false, 9}, 30s), Verdict::leave);
}

TEST(DiskWatch, puts_an_ejected_disk_in_when_the_cable_is_plugged_in_again) {
    DiskWatch watch;
    watch.begin(7);
    EXPECT_EQ(watch.look({true, true, 7}, 1s), Verdict::put_in);  // this computer has never seen it
    EXPECT_EQ(watch.look({true, true, 7}, 2s), Verdict::leave);
    EXPECT_EQ(watch.look({false, true, 7}, 3s), Verdict::leave);
    EXPECT_EQ(watch.look({true, true, 7}, 4s), Verdict::put_in);
}

}  // namespace
}  // namespace bootwire::helpdisk
