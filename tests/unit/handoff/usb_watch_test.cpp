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
    /// Each of the statuses that such a time of looks brings.
    std::vector<std::string> statuses(const UsbSample& sample, int looks = 1) {
        std::vector<std::string> all;
        for (int i = 0; i < looks; ++i) {
            if (auto status = look(sample).status; !status.empty()) all.push_back(status);
        }
        return all;
    }
};
using Statuses = std::vector<std::string>;

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

/// Of ten seconds.
void carry(Watched& watched, UsbSample& sample) {
    for (int i = 0; i < 10; ++i) {
        sample.traffic.read += 3'400'000;
        sample.traffic.written += 100'000;
        watched.look(sample);
    }
}

TEST(UsbStatus, has_both_who_is_connected_and_what_is_carried) {
    Watched watched;
    UsbSample sample = in_use();
    EXPECT_EQ(watched.statuses(sample), Statuses{"a computer is connected, high-speed"});
    sample.traffic = {35'200'000, 0};
    EXPECT_EQ(watched.statuses(sample, 10),
              Statuses{"a computer is connected, high-speed; read 33.5 MiB (3.5 MB/s), written 0 "
                       "bytes (0.0 MB/s)"});
    sample.host = UsbHost::absent;
    EXPECT_EQ(watched.statuses(sample),
              Statuses{"the computer is not connected any more; read 33.5 MiB (3.5 MB/s), "
                       "written 0 bytes (0.0 MB/s)"});
}

TEST(UsbStatus, has_no_rate_any_more_once_nothing_moves_and_says_so_once) {
    Watched watched;
    UsbSample sample = in_use();
    watched.look(sample);
    carry(watched, sample);
    std::string told;
    Statuses shown;
    for (int i = 0; i < 60; ++i) {
        const auto verdict = watched.look(sample);
        for (const std::string& line : verdict.lines)
            told += line;
        if (!verdict.status.empty()) shown.push_back(verdict.status);
    }
    EXPECT_EQ(shown, Statuses{"a computer is connected, high-speed; read 32.4 MiB, written 976 "
                              "KiB, idle"});
    EXPECT_EQ(told, "") << "the console has said what was carried";
    sample.traffic.read += 10'000'000;
    EXPECT_EQ(watched.statuses(sample, 10),
              Statuses{"a computer is connected, high-speed; read 41.9 MiB (1.0 MB/s), written "
                       "976 KiB (0.0 MB/s)"});
}

TEST(UsbStatus, is_idle_only_after_there_was_traffic) {
    Watched watched;
    EXPECT_EQ(watched.statuses(in_use(), 60), Statuses{"a computer is connected, high-speed"});
}

TEST(UsbStatus, has_what_is_wrong_in_place_of_the_traffic) {
    Watched watched;
    UsbSample sample = in_use();
    watched.look(sample);
    carry(watched, sample);
    sample.connected = false;
    EXPECT_EQ(
        watched.statuses(sample),
        Statuses{"a computer is connected, high-speed; the connection to the target is lost"});
    sample.disk_is_lost = true;
    EXPECT_EQ(watched.statuses(sample), Statuses{"a computer is connected, high-speed; the disk is "
                                                 "out until the target is back"});
    sample.connected = true;
    sample.disk_is_lost = false;
    EXPECT_EQ(watched.statuses(sample).size(), 1u) << "the traffic again";
    sample.ejected = true;
    EXPECT_EQ(watched.statuses(sample).at(0).substr(0, 44),
              "a computer is connected, high-speed; ejected");
}

TEST(UsbStatus, of_a_computer_that_wakes_up_is_as_before) {
    Watched watched;
    watched.look(in_use());
    UsbSample sample = in_use();
    sample.host = UsbHost::asleep;
    EXPECT_EQ(watched.statuses(sample), Statuses{"the computer sleeps"});
    EXPECT_EQ(watched.statuses(in_use()), Statuses{"a computer is connected, high-speed"});
}

}  // namespace
}  // namespace bootwire::handoff
