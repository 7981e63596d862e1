#include "init/usb_stage.h"

#include <gtest/gtest.h>

#include "topics/topic.h"

namespace bootwire::init {
namespace {

using plan::Exclusive;

TEST(UsbDisks, are_several_only_where_none_is_to_be_reserved) {
    EXPECT_TRUE(check_usb_disks(2, Exclusive::no));
    EXPECT_TRUE(check_usb_disks(1, Exclusive::yes));
    for (const auto& refused :
         {check_usb_disks(2, Exclusive::yes), check_usb_disks(2, Exclusive::preempt)}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().topic, Topic::too_many_disks);
    }
}

TEST(UsbDisks, that_are_too_many_are_refused_before_anything_is_started) {
    EXPECT_TRUE(check_usb_disks(16, Exclusive::no));
    const auto refused = check_usb_disks(17, Exclusive::no);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().topic, Topic::too_many_disks);
}

}  // namespace
}  // namespace bootwire::init
