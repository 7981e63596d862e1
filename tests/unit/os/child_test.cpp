#include "os/child.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace bootwire {
namespace {

const auto always = [] { return true; };

TEST(Child, tells_how_the_work_has_ended) {
    EXPECT_EQ(do_in_child([] { return true; }, always), Ended::well);
    EXPECT_EQ(do_in_child([] { return false; }, always), Ended::badly);
}

TEST(Child, is_left_behind_when_it_is_no_longer_worth_waiting_for) {
    int looks = 3;
    const auto for_ever = [] {
        alarm(60);  // nobody ends it, here
        for (;;)
            pause();
        return true;
    };
    EXPECT_EQ(do_in_child(for_ever, [&] { return --looks > 0; }), Ended::not_yet);
    EXPECT_EQ(looks, 0);
}

}  // namespace
}  // namespace bootwire
