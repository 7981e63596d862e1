#include "net/tcp.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "listener.h"

namespace bootwire::net {
namespace {

using namespace std::chrono_literals;

TEST(Connect, reaches_a_listener_and_says_when_nobody_listens) {
    Endpoint at;
    {
        const Fd listener = listening(at);
        const auto socket = connect_tcp(at, 5s, [] {});
        ASSERT_TRUE(socket);
        EXPECT_EQ(other_end_of(*socket), at);
    }
    const auto refused = connect_tcp(at, 5s, [] {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ECONNREFUSED);
    EXPECT_EQ(other_end_of(Fd()), std::nullopt);
}

}  // namespace
}  // namespace bootwire::net
