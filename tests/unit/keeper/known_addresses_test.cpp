// Names of portals: which address an attempt goes to, and asking for them without waiting.
#include "keeper/known_addresses.h"

#include <gtest/gtest.h>

#include "keeper/look_ups.h"
#include "os/clock.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

const IpAddress address_a = IpAddress::v4(10, 0, 0, 1), address_b = IpAddress::v4(10, 0, 0, 2),
                address_c = IpAddress::v4(10, 0, 0, 3);
const std::string nas = "nas.lan";

TEST(KnownAddresses, an_address_needs_nobody_to_be_asked) {
    KnownAddresses addresses({});
    EXPECT_EQ(addresses.choose(address_a, false), address_a);
    EXPECT_EQ(addresses.choose(nas, false), std::nullopt);
    EXPECT_EQ(addresses.current(nas), std::nullopt);
}

TEST(KnownAddresses, each_further_attempt_goes_to_the_next_address_of_a_name) {
    KnownAddresses addresses({{nas, {address_a, address_b}}});
    EXPECT_EQ(addresses.choose(nas, false), address_a);
    EXPECT_EQ(addresses.choose(nas, false), address_b);
    EXPECT_EQ(addresses.choose(nas, false), address_a);
}

TEST(KnownAddresses, the_first_attempt_after_a_loss_goes_to_where_the_session_was) {
    KnownAddresses addresses({{nas, {address_a, address_b}}});
    EXPECT_EQ(addresses.choose(nas, true), address_a) << "at boot";
    EXPECT_EQ(addresses.choose(nas, false), address_b);
    EXPECT_EQ(addresses.choose(nas, true), address_b);
    EXPECT_EQ(addresses.current(nas), address_b);
}

TEST(KnownAddresses, what_the_name_server_says_by_now_is_for_the_next_attempt) {
    KnownAddresses addresses({{nas, {address_a}}});
    addresses.choose(nas, true);
    addresses.learn(nas, {address_b, address_c});
    EXPECT_EQ(addresses.choose(nas, false), address_b) << "not the one after it";
    EXPECT_EQ(addresses.choose(nas, false), address_c);
    addresses.learn("new.lan", {address_a});
    EXPECT_EQ(addresses.choose(std::string("new.lan"), false), address_a);
}

TEST(KnownAddresses, an_answer_in_another_order_takes_nobodys_turn) {
    KnownAddresses addresses({{nas, {address_a, address_b, address_c}}});
    EXPECT_EQ(addresses.choose(nas, true), address_a);
    addresses.learn(nas, {address_b, address_a, address_c});
    EXPECT_EQ(addresses.choose(nas, false), address_b);
    addresses.learn(nas, {address_c, address_a, address_b});
    EXPECT_EQ(addresses.choose(nas, false), address_c);
    addresses.learn(nas, {address_a});
    EXPECT_EQ(addresses.choose(nas, false), address_a);
}

TEST(LookUps, tell_what_comes_of_them_and_never_while_they_begin) {
    EventLoop loop;
    std::vector<std::string> failed;
    LookUps look_ups(loop, std::make_shared<net::NameServers>(),
                     [&](const std::string& name, const LookUps::Answer& answer) {
                         if (!answer) failed.push_back(name);
                     });
    look_ups.begin(nas);
    look_ups.begin(nas);
    EXPECT_TRUE(failed.empty());
    while (failed.empty())
        loop.run_once(now() + 1s);  // there is no name server to ask
    EXPECT_EQ(failed, std::vector{nas});
}

TEST(LookUps, that_nobody_answers_hold_nothing_up_and_can_be_forgotten) {
    EventLoop loop;
    const auto name_servers = std::make_shared<net::NameServers>();
    name_servers->servers = {IpAddress::v4(127, 0, 0, 77)};
    bool told = false;
    LookUps look_ups(loop, name_servers,
                     [&](const std::string&, const LookUps::Answer&) { told = true; });
    look_ups.begin(nas);
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
