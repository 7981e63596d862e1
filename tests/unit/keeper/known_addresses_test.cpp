// Names of portals: which address an attempt goes to, and asking for them without waiting.
#include "keeper/known_addresses.h"

#include <gtest/gtest.h>

#include "keeper/look_ups.h"
#include "os/clock.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

const IpAddress kA = IpAddress::v4(10, 0, 0, 1), kB = IpAddress::v4(10, 0, 0, 2),
                kC = IpAddress::v4(10, 0, 0, 3);
const std::string kName = "nas.lan";

TEST(KnownAddresses, an_address_needs_nobody_to_be_asked) {
    KnownAddresses addresses({});
    EXPECT_EQ(addresses.choose(kA, false), kA);
    EXPECT_EQ(addresses.choose(kName, false), std::nullopt);
    EXPECT_EQ(addresses.current(kName), std::nullopt);
}

TEST(KnownAddresses, each_further_attempt_goes_to_the_next_address_of_a_name) {
    KnownAddresses addresses({{kName, {kA, kB}}});
    EXPECT_EQ(addresses.choose(kName, false), kA);
    EXPECT_EQ(addresses.choose(kName, false), kB);
    EXPECT_EQ(addresses.choose(kName, false), kA);
}

TEST(KnownAddresses, the_first_attempt_after_a_loss_goes_to_where_the_session_was) {
    KnownAddresses addresses({{kName, {kA, kB}}});
    EXPECT_EQ(addresses.choose(kName, true), kA) << "at boot";
    EXPECT_EQ(addresses.choose(kName, false), kB);
    EXPECT_EQ(addresses.choose(kName, true), kB);
    EXPECT_EQ(addresses.current(kName), kB);
}

TEST(KnownAddresses, what_the_name_server_says_by_now_is_for_the_next_attempt) {
    KnownAddresses addresses({{kName, {kA}}});
    addresses.choose(kName, true);
    addresses.learn(kName, {kB, kC});
    EXPECT_EQ(addresses.choose(kName, false), kB) << "not the one after it";
    EXPECT_EQ(addresses.choose(kName, false), kC);
    addresses.learn("new.lan", {kA});
    EXPECT_EQ(addresses.choose(std::string("new.lan"), false), kA);
}

TEST(KnownAddresses, an_answer_in_another_order_takes_nobodys_turn) {
    KnownAddresses addresses({{kName, {kA, kB, kC}}});
    EXPECT_EQ(addresses.choose(kName, true), kA);
    addresses.learn(kName, {kB, kA, kC});
    EXPECT_EQ(addresses.choose(kName, false), kB);
    addresses.learn(kName, {kC, kA, kB});
    EXPECT_EQ(addresses.choose(kName, false), kC);
    addresses.learn(kName, {kA});
    EXPECT_EQ(addresses.choose(kName, false), kA);
}

TEST(LookUps, tell_what_comes_of_them_and_never_while_they_begin) {
    EventLoop loop;
    std::vector<std::string> failed;
    LookUps look_ups(loop, std::make_shared<net::Resolver>(),
                     [&](const std::string& name, const LookUps::Answer& answer) {
                         if (!answer) failed.push_back(name);
                     });
    look_ups.begin(kName);
    look_ups.begin(kName);
    EXPECT_TRUE(failed.empty());
    while (failed.empty())
        loop.run_once(now() + 1s);  // there is no name server to ask
    EXPECT_EQ(failed, std::vector{kName});
}

TEST(LookUps, that_nobody_answers_hold_nothing_up_and_can_be_forgotten) {
    EventLoop loop;
    const auto resolver = std::make_shared<net::Resolver>();
    resolver->servers = {IpAddress::v4(127, 0, 0, 77)};
    bool told = false;
    LookUps look_ups(loop, resolver,
                     [&](const std::string&, const LookUps::Answer&) { told = true; });
    look_ups.begin(kName);
    bool went_on = false;
    loop.at(now() + 10ms, [&] { went_on = true; });
    while (!went_on)
        loop.run_once(now() + 60s);
    EXPECT_FALSE(told);
    look_ups.forget_all();
    bool is_quiet = false;
    loop.at(now() + 1ms, [&] { is_quiet = true; });
    while (!is_quiet)
        loop.run_once(now() + 60s);
    EXPECT_FALSE(told);
}

}  // namespace
}  // namespace bootwire::keeper
