#include "handoff/usb_watch.h"

#include <gtest/gtest.h>

namespace bootwire::handoff {
namespace {

using namespace std::chrono_literals;
using Medium = UsbWatch::Medium;

UsbSample in_use() {
    return {UsbHost::using_it, "high-speed", true, false, false, {}};
}

/// A watch whose clock goes a second further at each look.
struct Watched {
    UsbWatch watch;
    Moment clock = 100s;
    UsbWatch::Verdict look(const UsbSample& sample) { return watch.look(sample, clock += 1s); }
    std::string lines(const UsbSample& sample) {
        std::string text;
        for (const std::string& line : look(sample).lines)
            text += line + "\n";
        return text;
    }
};

TEST(UsbWatch, says_at_first_whether_a_computer_is_there) {
    EXPECT_EQ(Watched().lines(in_use()), "a computer is connected, high-speed\n");
    EXPECT_EQ(Watched().lines({}), "no computer is connected to the USB port yet\n");
}

TEST(UsbWatch, says_nothing_while_nothing_changes) {
    Watched watched;
    watched.look(in_use());
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(watched.lines(in_use()), "");
}

TEST(UsbWatch, tells_of_sleep_and_departure) {
    Watched watched;
    watched.look(in_use());
    UsbSample sample = in_use();
    sample.host = UsbHost::asleep;
    EXPECT_EQ(watched.lines(sample), "the computer sleeps\n");
    EXPECT_EQ(watched.lines(in_use()), "the computer is awake again\n");
    sample.host = UsbHost::absent;
    EXPECT_EQ(watched.lines(sample), "the computer is not connected any more\n");
}

TEST(UsbWatch, leaves_the_disk_in_while_a_lost_session_may_come_back) {
    Watched watched;
    watched.look(in_use());
    UsbSample sample = in_use();
    sample.connected = false;
    const auto verdict = watched.look(sample);
    EXPECT_EQ(verdict.lines.size(), 1u);
    EXPECT_EQ(verdict.medium, Medium::leave);
    watched.look(sample);
    EXPECT_EQ(watched.lines(in_use()), "the connection to the target is back after 2.0 s\n");
}

TEST(UsbWatch, takes_out_what_is_lost_for_good_and_puts_it_in_again) {
    Watched watched;
    watched.look(in_use());
    UsbSample sample = in_use();
    sample.connected = false;
    sample.disk_is_lost = true;
    EXPECT_EQ(watched.look(sample).medium, Medium::take_out);
    sample.ejected = true;
    EXPECT_EQ(watched.look(sample).medium, Medium::leave) << "once";
    sample.connected = true;
    sample.disk_is_lost = false;
    EXPECT_EQ(watched.look(sample).medium, Medium::put_back);
    EXPECT_EQ(watched.look(in_use()).medium, Medium::leave);
}

TEST(UsbWatch, leaves_out_what_the_computer_ejected_until_it_has_been_away) {
    Watched watched;
    watched.look(in_use());
    UsbSample sample = in_use();
    sample.ejected = true;
    EXPECT_EQ(watched.lines(sample), "the computer has ejected a disk\n");
    EXPECT_EQ(watched.look(sample).medium, Medium::leave);
    sample.host = UsbHost::absent;
    EXPECT_EQ(watched.look(sample).medium, Medium::leave);
    sample.host = UsbHost::using_it;
    EXPECT_EQ(watched.look(sample).medium, Medium::put_in);
}

TEST(UsbWatch, tells_the_rate_of_what_moves_every_ten_seconds) {
    Watched watched;
    UsbSample sample = in_use();
    watched.look(sample);
    std::string told;
    for (int i = 0; i < 10; ++i) {
        sample.traffic.read += 35'200'000;
        told += watched.lines(sample);
    }
    EXPECT_EQ(told, "read 335 MiB (35.2 MB/s), written 0 bytes (0.0 MB/s)\n");
}

TEST(Traffic, is_read_from_the_kernels_counters) {
    const auto traffic = disk::parse_traffic(
        "     123        4     2048      100       50        6     1024       70        0      160 "
        "     170\n");
    ASSERT_TRUE(traffic);
    EXPECT_EQ(*traffic, (disk::Traffic{2048 * 512, 1024 * 512}));
}

TEST(Traffic, is_nothing_for_another_text) {
    EXPECT_FALSE(disk::parse_traffic(""));
    EXPECT_FALSE(disk::parse_traffic("1 2 3"));
    EXPECT_FALSE(disk::parse_traffic("1 2 x 4 5 6 7 8"));
}

}  // namespace
}  // namespace bootwire::handoff
