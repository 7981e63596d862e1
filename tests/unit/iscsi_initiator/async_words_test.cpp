#include "iscsi_initiator/async_words.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(AsyncWords, tell_what_the_target_wants_and_when) {
    AsyncNotice notice;
    notice.event = AsyncEvent::logout_requested;
    notice.within_s = 7;
    EXPECT_EQ(describe(notice), "the target asks to log out within 7 s");
    notice.event = AsyncEvent::connection_dropped;
    notice.cid = 1;
    notice.time2wait_s = 3;
    EXPECT_EQ(describe(notice), "the target drops connection 1; it may be made again after 3 s");
    EXPECT_EQ(describe(AsyncNotice{}), "the target reports an unknown event");
}

}  // namespace
}  // namespace bootwire::iscsi
