#include "os/process_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fd.h"

namespace bootwire {
namespace {

using Stop = ProcessWatch::Stop;

/// A child that waits for a byte, and then does what it is for.
template <class Work>
pid_t child_that(const Fd& begin, Work work) {
    const pid_t child = fork();
    if (child != 0) return child;
    char byte = 0;
    (void)!read(begin.get(), &byte, 1);
    work();
    _exit(1);
}

class ProcessWatchTest : public testing::Test {
  protected:
    ProcessWatchTest() {
        int ends[2];
        EXPECT_EQ(pipe(ends), 0);
        begin_.reset(ends[0]);
        go_.reset(ends[1]);
    }
    void go() { EXPECT_EQ(write(go_.get(), "!", 1), 1); }

    Fd begin_, go_;
};

TEST_F(ProcessWatchTest, sees_each_program_before_it_runs) {
    const pid_t child =
        child_that(begin_, [] { execl("/bin/sh", "sh", "-c", "exec sh -c 'exit 7'", nullptr); });
    auto watch = ProcessWatch::begin(child);
    ASSERT_TRUE(watch) << watch.error().what;
    go();
    EXPECT_EQ(watch->wait(), Stop::exec);
    watch->go_on();
    EXPECT_EQ(watch->wait(), Stop::exec);
    watch->go_on();
    EXPECT_EQ(watch->wait(), std::nullopt) << "it has ended";
}

TEST_F(ProcessWatchTest, stands_by_when_a_child_of_the_process_has_ended) {
    const pid_t child = child_that(begin_, [] {
        const pid_t grandchild = fork();
        if (grandchild == 0) _exit(0);
        waitpid(grandchild, nullptr, 0);
    });
    auto watch = ProcessWatch::begin(child);
    ASSERT_TRUE(watch) << watch.error().what;
    go();
    EXPECT_EQ(watch->wait(), Stop::signal);
    watch->go_on();
    EXPECT_EQ(watch->wait(), std::nullopt);
}

TEST_F(ProcessWatchTest, lets_signals_through_and_the_process_go_in_the_end) {
    const pid_t child = child_that(begin_, [] {
        signal(SIGUSR1, [](int) { _exit(3); });
        raise(SIGUSR1);
    });
    {
        auto watch = ProcessWatch::begin(child);
        ASSERT_TRUE(watch) << watch.error().what;
        go();
        EXPECT_EQ(watch->wait(), Stop::signal);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 3);
}

}  // namespace
}  // namespace bootwire
