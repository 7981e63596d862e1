#include "keeper/new_run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bootwire::keeper {
namespace {

class NewRunTest : public testing::Test {
  protected:
    NewRunTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        usher_.reset(ends[0]);
        keeper_.reset(ends[1]);
    }

    Fd usher_, keeper_;
};

Fd open_path(const char* path) {
    return Fd(open(path, O_PATH | O_CLOEXEC));
}

bool is(const Fd& fd, const char* path) {
    struct stat there{}, here{};
    return fstat(fd.get(), &there) == 0 && stat(path, &here) == 0 && there.st_ino == here.st_ino &&
           there.st_dev == here.st_dev;
}

TEST_F(NewRunTest, reaches_the_keeper_with_all_that_is_in_it) {
    const NewRun sent{open_path("/"), open_path("/tmp"), open_path("/proc"), open_path("/dev")};
    ASSERT_TRUE(send_new_run(usher_, sent));
    const auto received = receive_new_run(keeper_);
    ASSERT_TRUE(received);
    EXPECT_TRUE(is(received->run, "/"));
    EXPECT_TRUE(is(received->control, "/tmp"));
    EXPECT_TRUE(is(received->verbs, "/proc"));
    EXPECT_TRUE(is(received->folder, "/dev"));
    EXPECT_EQ(fcntl(received->run.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(NewRunTest, that_is_not_whole_is_not_sent) {
    const NewRun incomplete{open_path("/"), Fd(), open_path("/"), open_path("/")};
    EXPECT_FALSE(send_new_run(usher_, incomplete));
}

TEST_F(NewRunTest, is_none_where_the_usher_has_gone_or_something_else_comes) {
    EXPECT_EQ(write(usher_.get(), "r", 1), 1);
    EXPECT_FALSE(receive_new_run(keeper_));
    usher_.reset();
    EXPECT_FALSE(receive_new_run(keeper_));
}

}  // namespace
}  // namespace bootwire::keeper
