#include "os/child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fd.h"

namespace bootwire {
namespace {

const auto always = [] { return true; };

TEST(Child, tells_how_the_work_has_ended) {
    EXPECT_EQ(do_in_child([] { return true; }, always), Ended::well);
    EXPECT_EQ(do_in_child([] { return false; }, always), Ended::badly);
}

TEST(Child, is_left_behind_when_it_is_no_longer_worth_waiting_for) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    int looks = 3;
    const auto while_the_test_looks = [&] {
        alarm(60);  // should it be waited for nevertheless
        writing.reset();
        char byte;
        return read(reading.get(), &byte, 1) == 0;
    };
    EXPECT_EQ(do_in_child(while_the_test_looks, [&] { return --looks > 0; }), Ended::not_yet);
    EXPECT_EQ(looks, 0);
    // It goes on until there is nobody at the other end, and ends well then.
    int status = 0;
    EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
    writing.reset();
    EXPECT_GT(waitpid(-1, &status, 0), 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bootwire
