// What the kernel tells everybody of its way to the disk.
#include "keeper/access_watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <string>

#include "os/clock.h"

namespace bootwire::keeper {
namespace {

using namespace std::string_view_literals;

constexpr uint32_t sid = 1;
constexpr auto changed =
    "change@/devices/platform/host0/session1/target0:0:0/0:0:0:1\0ACTION=change\0"
    "DEVPATH=/devices/platform/host0/session1/target0:0:0/0:0:0:1\0SUBSYSTEM=scsi\0"
    "SDEV_UA=ASYMMETRIC_ACCESS_STATE_CHANGED\0DEVTYPE=scsi_device\0SEQNUM=4711\0"sv;

std::string with(std::string_view old, std::string_view instead) {
    std::string text(changed);
    for (size_t at = 0; (at = text.find(old, at)) != text.npos; at += instead.size())
        text.replace(at, old.size(), instead);
    return text;
}

TEST(Uevent, of_a_changed_access_is_one_by_the_sessions_own_disk) {
    EXPECT_TRUE(says_access_changed(changed, sid));
    EXPECT_FALSE(says_access_changed(changed, 11));
    EXPECT_FALSE(says_access_changed(with("session1/", "session11/"), sid));
    EXPECT_FALSE(says_access_changed(
        with("ASYMMETRIC_ACCESS_STATE_CHANGED", "MODE_PARAMETERS_CHANGED"), sid));
    EXPECT_FALSE(says_access_changed(with("SDEV_UA=", "OLD_SDEV_UA="), sid));
    EXPECT_FALSE(says_access_changed(with("DEVPATH=", "DEVPATH_OLD="), sid));
    EXPECT_FALSE(says_access_changed({}, sid));
    EXPECT_FALSE(says_access_changed("libudev\0\xfe\xed\xca\xfe"sv, sid));
}

class AccessWatchTest : public testing::Test {
  protected:
    AccessWatchTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
        kernel_.reset(ends[0]);
        watch_.emplace(loop_, Fd(ends[1]), sid, [this] { ++told_; });
    }
    void tell(std::string_view text) {
        EXPECT_EQ(send(kernel_.get(), text.data(), text.size(), 0), std::ssize(text));
    }

    EventLoop loop_;
    Fd kernel_;
    std::optional<AccessWatch> watch_;
    int told_ = 0;
};

TEST_F(AccessWatchTest, tells_each_time_and_of_nothing_else) {
    tell(with("SDEV_UA=", "OLD="));
    loop_.run_once(now());
    EXPECT_EQ(told_, 0);
    tell(changed);
    loop_.run_once(now());
    EXPECT_EQ(told_, 1);
    tell(changed);
    loop_.run_once(now());
    EXPECT_EQ(told_, 2);
}

TEST_F(AccessWatchTest, tells_once_of_what_comes_at_once) {
    for (int i = 0; i < 3; ++i)
        tell(changed);
    loop_.run_once(now());
    EXPECT_EQ(told_, 1);
}

TEST(AccessWatch, goes_without_where_the_kernel_tells_nothing) {
    EventLoop loop;
    const AccessWatch watch(loop, Fd(), sid, [] {});
    loop.run_once(now());
}

}  // namespace
}  // namespace bootwire::keeper
