// Tests that change interfaces, in a network namespace of their own.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

namespace bootwire::net {

/// False: none can be made here.
inline bool enter_network_namespace() {
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0;
}

/// Skipped where there can be no such namespace.
class Namespace : public testing::Test {
  protected:
    void SetUp() override {
        if (!enter_network_namespace()) {
            GTEST_SKIP() << "no network namespace can be made here: " << std::strerror(errno);
        }
    }
};

}  // namespace bootwire::net
