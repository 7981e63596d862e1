// Tests that change interfaces, in a network namespace of their own.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

namespace bootwire::net {

/// Runs in a network namespace of its own, where interfaces can be changed.
class Namespace : public testing::Test {
  protected:
    void SetUp() override {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 && unshare(CLONE_NEWNET) != 0) {
            GTEST_SKIP() << "no network namespace can be made here: " << std::strerror(errno);
        }
    }
};

}  // namespace bootwire::net
