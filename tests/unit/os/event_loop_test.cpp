#include "os/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "os/clock.h"

namespace bootwire {
namespace {

using namespace std::chrono_literals;

TEST(EventLoop, calls_handlers_of_descriptors_and_timers) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    EventLoop loop;
    int readable = 0;
    int fired = 0;
    loop.watch(pipe_ends[0], [&] {
        ++readable;
        loop.unwatch(pipe_ends[0]);
    });
    loop.at(now(), [&] { ++fired; });
    loop.cancel(loop.at(now(), [&] { fired += 100; }));
    ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
    loop.run_once(now() + 5s);
    loop.run_once(now());
    EXPECT_EQ(readable, 1);
    EXPECT_EQ(fired, 1);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST(EventLoop, takes_no_event_for_that_of_another_descriptor_with_the_same_number) {
    int ready[2], closed[2], idle[2];
    ASSERT_EQ(pipe(ready), 0);
    ASSERT_EQ(pipe(closed), 0);
    ASSERT_EQ(pipe(idle), 0);
    ASSERT_LT(ready[0], closed[0]) << "handlers are called in the order of descriptors";
    EventLoop loop;
    int called = 0;
    loop.watch(ready[0], [&] {
        loop.unwatch(ready[0]);
        loop.unwatch(closed[0]);
        ASSERT_EQ(dup2(idle[0], closed[0]), closed[0]);
        loop.watch(closed[0], [&] { ++called; });
    });
    loop.watch(closed[0], [&] { FAIL() << "it was removed"; });
    ASSERT_EQ(write(ready[1], "x", 1), 1);
    ASSERT_EQ(write(closed[1], "x", 1), 1);
    loop.run_once(now() + 5s);
    EXPECT_EQ(called, 0) << "nothing has come there";
    ASSERT_EQ(write(idle[1], "x", 1), 1);
    loop.run_once(now() + 5s);
    EXPECT_EQ(called, 1);
    for (const int* const ends : {ready, closed, idle}) {
        close(ends[0]);
        close(ends[1]);
    }
}

TEST(EventLoop, moves_a_deadline_and_forgets_it_when_it_has_come) {
    EventLoop loop;
    std::optional<EventLoop::TimerId> timer;
    int first = 0, second = 0;
    loop.move(timer, now(), [&] { ++first; });
    loop.move(timer, now(), [&] {
        EXPECT_FALSE(timer);
        if (++second == 1) loop.move(timer, now(), [&] { ++second; });
    });
    loop.run_once(now() + 10ms);
    EXPECT_TRUE(timer) << "set anew by its own handler";
    loop.run_once(now() + 10ms);
    EXPECT_EQ(first, 0);
    EXPECT_EQ(second, 2);
    EXPECT_FALSE(timer);
}

TEST(EventLoop, has_no_timer_where_there_is_no_deadline) {
    EventLoop loop;
    std::optional<EventLoop::TimerId> timer;
    loop.move(timer, now(), [] { FAIL(); });
    loop.move(timer, std::nullopt, [] { FAIL(); });
    EXPECT_FALSE(timer);
    loop.run_once(now() + 5ms);
}

}  // namespace
}  // namespace bootwire
