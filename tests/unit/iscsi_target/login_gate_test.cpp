#include "iscsi_target/login_gate.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(LoginGate, lets_so_many_in_of_an_address_and_so_many_of_all) {
    LoginGate gate({.per_address = 2, .overall = 3});
    const auto a = IpAddress::v4(192, 0, 2, 1), b = IpAddress::v4(192, 0, 2, 2),
               c = IpAddress::v4(192, 0, 2, 3);
    EXPECT_TRUE(gate.enter(a));
    EXPECT_TRUE(gate.enter(a));
    EXPECT_FALSE(gate.enter(a));
    EXPECT_TRUE(gate.enter(b));
    EXPECT_FALSE(gate.enter(c)) << "there are three";
    gate.leave(a);
    EXPECT_TRUE(gate.enter(c));
    EXPECT_EQ(gate.inside(), 3u);
}

TEST(LoginGate, counts_those_who_leave_once) {
    LoginGate gate({.per_address = 1, .overall = 2});
    const auto a = IpAddress::v4(192, 0, 2, 1), b = IpAddress::v4(192, 0, 2, 2);
    gate.leave(a);
    EXPECT_EQ(gate.inside(), 0u) << "who was never let in";
    EXPECT_TRUE(gate.enter(a));
    EXPECT_FALSE(gate.enter(a));
    gate.leave(a);
    gate.leave(a);
    EXPECT_EQ(gate.inside(), 0u);
    EXPECT_TRUE(gate.enter(b));
}

TEST(LoginGate, takes_all_of_an_ipv6_network_for_one_address) {
    LoginGate gate({.per_address = 1, .overall = 9});
    EXPECT_TRUE(gate.enter(*IpAddress::parse("2001:db8::1")));
    EXPECT_FALSE(gate.enter(*IpAddress::parse("2001:db8::ffff:2")));
    EXPECT_TRUE(gate.enter(*IpAddress::parse("2001:db8:0:1::1")));
    gate.leave(*IpAddress::parse("2001:db8::3"));
    EXPECT_TRUE(gate.enter(*IpAddress::parse("2001:db8::2")));
}

}  // namespace
}  // namespace bootwire::iscsi
