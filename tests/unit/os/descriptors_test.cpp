#include "os/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace bootwire {
namespace {

bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

TEST(Descriptors, that_are_not_kept_are_closed_wherever_they_lie) {
    std::vector<int> opened;
    for (int i = 0; i < 6; ++i)
        opened.push_back(fcntl(STDIN_FILENO, F_DUPFD, 20));
    const int last = fcntl(STDIN_FILENO, F_DUPFD, 200);
    ASSERT_TRUE(is_open(opened.front()) && is_open(last));
    const pid_t child = fork();
    if (child == 0) {
        close_everything_but({opened[4], -1, opened[1], opened[1]});
        bool right = is_open(0) && is_open(1) && is_open(2) && !is_open(3) && !is_open(last);
        for (size_t i = 0; i < opened.size(); ++i)
            right &= is_open(opened[i]) == (i == 1 || i == 4);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    for (const int fd : opened)
        close(fd);
    close(last);
}

TEST(Descriptors, are_all_closed_when_none_is_to_be_kept) {
    const pid_t child = fork();
    if (child == 0) {
        const int fd = dup(STDIN_FILENO);
        close_everything_but({});
        _exit(is_open(fd) || !is_open(2) ? 1 : 0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bootwire
