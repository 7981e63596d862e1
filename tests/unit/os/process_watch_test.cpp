#include "os/process_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

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

/// What comes through the pipe, to its end.
std::string text_from(const Fd& pipe) {
    std::string text;
    char buffer[256];
    for (ssize_t count; (count = read(pipe.get(), buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<size_t>(count));
    return text;
}

TEST_F(ProcessWatchTest, has_another_program_start_the_one_that_was_to_run) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const Fd said(ends[0]);
    Fd saying(ends[1]);
    const pid_t child = child_that(begin_, [&] {
        dup2(saying.get(), 1);
        setenv("SEEN", "too", 1);
        execl("/bin/sh", "other", "-c", "exit 9", "it's", nullptr);
    });
    saying.reset();
    auto watch = ProcessWatch::begin(child);
    ASSERT_TRUE(watch) << watch.error().what;
    go();
    ASSERT_EQ(watch->wait(), Stop::exec);
    EXPECT_EQ(watch->program_path(), "/bin/sh");
    const std::string starter = testing::TempDir() + "starter-" + std::to_string(getpid());
    std::ofstream(starter) << "#!/bin/sh\nfor word; do echo \"$SEEN:$word\"; done\n";
    ASSERT_EQ(chmod(starter.c_str(), 0755), 0);
    const Status started = watch->be_started_by(starter);
    ASSERT_TRUE(started) << started.error().what;
    watch->go_on();
    EXPECT_EQ(text_from(said), "too:/bin/sh\ntoo:-c\ntoo:exit 9\ntoo:it's\n");
    EXPECT_EQ(watch->wait(), std::nullopt);
    unlink(starter.c_str());
}

TEST_F(ProcessWatchTest, lets_the_program_run_if_the_other_one_is_not_there) {
    const pid_t child = child_that(begin_, [] { execl("/bin/sh", "sh", "-c", "exit 7", nullptr); });
    {
        auto watch = ProcessWatch::begin(child);
        ASSERT_TRUE(watch) << watch.error().what;
        go();
        ASSERT_EQ(watch->wait(), Stop::exec);
        EXPECT_FALSE(watch->be_started_by("/nowhere"));
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
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
