// The portals that a target lists: which of them are any use, and their way from the child that
// asked to the keeper.
#include <gtest/gtest.h>

#include "keeper/portal_query.h"
#include "keeper/portals_text.h"
#include "session/discover.h"

namespace bootwire::keeper {
namespace {

std::vector<iscsi::TargetAddress> listed(std::initializer_list<const char*> texts) {
    std::vector<iscsi::TargetAddress> addresses;
    for (const char* text : texts)
        addresses.push_back(*iscsi::TargetAddress::parse(text));
    return addresses;
}

std::vector<std::string> texts(const std::vector<plan::Portal>& portals) {
    std::vector<std::string> texts;
    for (const plan::Portal& portal : portals)
        texts.push_back(portal.to_string());
    return texts;
}

using Texts = std::vector<std::string>;

TEST(UsablePortals, of_the_sessions_own_group_come_first) {
    const auto portals = session::usable_portals(
        listed({"10.0.0.1:3260,2", "10.0.0.2:3260,1", "10.0.0.9:3261,1", "10.0.0.3"}), 1,
        IpAddress::Family::v4);
    EXPECT_EQ(texts(portals),
              (Texts{"10.0.0.2:3260", "10.0.0.9:3261", "10.0.0.1:3260", "10.0.0.3:3260"}));
}

TEST(UsablePortals, have_an_address_that_can_be_reached_from_here) {
    const auto portals = session::usable_portals(
        listed({"0.0.0.0:3260,1", "[::]:3260,1", "[fd00::1]:3260,1", "nas.lan,1", "10.0.0.1,1"}), 1,
        IpAddress::Family::v4);
    EXPECT_EQ(texts(portals), (Texts{"10.0.0.1:3260"}));
    EXPECT_EQ(
        texts(session::usable_portals(listed({"[fd00::1]:3260,1"}), 1, IpAddress::Family::v6)),
        (Texts{"[fd00::1]:3260"}));
}

TEST(UsablePortals, are_neither_this_machine_nor_many_at_once) {
    const auto v4 = session::usable_portals(
        listed({"127.0.0.1,1", "127.8.9.1,1", "224.0.0.1,1", "239.1.2.3,1", "255.255.255.255,1",
                "0.1.2.3,1", "126.255.255.255,1", "128.0.0.1,1", "223.255.255.255,1"}),
        1, IpAddress::Family::v4);
    EXPECT_EQ(texts(v4), (Texts{"126.255.255.255:3260", "128.0.0.1:3260", "223.255.255.255:3260"}));
    const auto v6 = session::usable_portals(
        listed({"[::1],1", "[::],1", "[ff02::1],1", "[ff0e::1],1", "[::ffff:127.0.0.1],1",
                "[::ffff:10.0.0.1],1", "[fe80::1],1", "[2001:db8::1],1"}),
        1, IpAddress::Family::v6);
    EXPECT_EQ(texts(v6), (Texts{"[::ffff:10.0.0.1]:3260", "[fe80::1]:3260", "[2001:db8::1]:3260"}));
}

TEST(UsablePortals, are_told_once_and_are_few) {
    std::vector<iscsi::TargetAddress> many = listed({"10.0.0.1:3260,1", "10.0.0.1:3260,2"});
    EXPECT_EQ(session::usable_portals(many, 1, IpAddress::Family::v4).size(), 1u);
    for (int i = 2; i < 30; ++i) {
        many.push_back(*iscsi::TargetAddress::parse("10.0.0." + std::to_string(i) + ":3260,1"));
    }
    EXPECT_EQ(session::usable_portals(many, 1, IpAddress::Family::v4).size(),
              session::most_learnt_portals);
}

std::string elsewhere(std::initializer_list<const char*> addresses) {
    const Endpoint asked{IpAddress::v4(192, 0, 2, 1), 3260};
    const auto portal = session::elsewhere({"iqn.2026-11.example:disk", listed(addresses)}, asked);
    return portal ? portal->to_string() : "nowhere";
}

TEST(TargetElsewhere, is_where_the_portal_that_was_asked_is_not_listed) {
    EXPECT_EQ(elsewhere({}), "nowhere");
    EXPECT_EQ(elsewhere({"10.0.0.1:3260,1", "192.0.2.1:3260,1"}), "nowhere");
    EXPECT_EQ(elsewhere({"10.0.0.1:3260,1", "10.0.0.2:3260,1"}), "10.0.0.1:3260");
    EXPECT_EQ(elsewhere({"192.0.2.1:3261,1"}), "192.0.2.1:3261");
    EXPECT_EQ(elsewhere({"127.0.0.1:3260,1", "nas.lan,1"}), "nas.lan:3260");
    EXPECT_EQ(elsewhere({"127.0.0.1:3260,1", "0.0.0.0:3260,1"}), "nowhere");
}

TEST(PortalQuestions, are_not_asked_where_they_would_be_one_more_refused_login) {
    KeptSession session;
    EXPECT_TRUE(may_ask(session));
    session.account.chap = plan::ChapLogin{"pi", plan::Secret("secret of the pi")};
    EXPECT_TRUE(may_ask(session)) << "a discovery without proof is as good then";
    session.account.mutual_chap = plan::ChapLogin{"nas", plan::Secret("secret of the nas")};
    EXPECT_FALSE(may_ask(session)) << "servers have another login for discovery, and mostly none";
    session.found_by_discovery = true;
    EXPECT_TRUE(may_ask(session)) << "this one has proved itself";
    session.may_learn_portals = false;
    EXPECT_FALSE(may_ask(session));
}

TEST(PortalQuestions, are_not_asked_again_where_somebody_must_act_first) {
    const Error refused{"authentication failed", "check it", Remedy::operator_must_act};
    const Error away{"nothing listens", "", Remedy::waiting_helps};
    EXPECT_FALSE(may_ask_again_after(encode_trouble(refused)));
    EXPECT_TRUE(may_ask_again_after(encode_trouble(away)));
    EXPECT_TRUE(may_ask_again_after("")) << "a child that died";
    EXPECT_FALSE(decode_portals(encode_trouble(refused)));
}

TEST(PortalsText, is_read_as_it_was_written) {
    const std::vector<plan::Portal> v4 = {{IpAddress::v4(10, 0, 0, 1), 3260},
                                          {IpAddress::v4(10, 0, 0, 1), 65535}};
    const std::vector<plan::Portal> v6(session::most_learnt_portals,
                                       {*IpAddress::parse("fd00::1"), 3261});
    EXPECT_EQ(decode_portals(encode_portals(v4)), v4);
    EXPECT_EQ(decode_portals(encode_portals(v6)), v6);
    EXPECT_EQ(decode_portals(encode_portals({})), std::vector<plan::Portal>{});
}

TEST(PortalsText, has_no_more_portals_than_a_target_may_add) {
    const std::vector<plan::Portal> many(session::most_learnt_portals + 1,
                                         {IpAddress::v4(10, 0, 0, 1), 3260});
    EXPECT_FALSE(decode_portals(encode_portals(many)));
    EXPECT_TRUE(decode_portals(encode_portals({many.begin() + 1, many.end()})));
    const auto with_zeros = [](size_t size) {
        const std::string start = "10.0.0.1:", last = "3260\n.";
        return start + std::string(size - start.size() - last.size(), '0') + last;
    };
    EXPECT_TRUE(decode_portals(with_zeros(1024)));
    EXPECT_FALSE(decode_portals(with_zeros(1025))) << "nor is it longer than a child may say";
}

TEST(PortalsText, has_only_what_can_be_a_portal_elsewhere) {
    for (const char* line : {"nas.lan:3260", "10.0.0.1", "10.0.0.1:0", "127.0.0.1:3260",
                             "224.0.0.1:3260", "[::1]:3260", "fd00::1", "", "10.0.0.1:3260 "}) {
        EXPECT_FALSE(decode_portals(std::string(line) + "\n.")) << line;
    }
    EXPECT_FALSE(decode_portals("10.0.0.1:3260\n[fd00::1]:3260\n.")) << "of both families";
}

TEST(PortalsText, has_nothing_behind_its_end) {
    for (const char* rest : {"\n", "\n10.0.0.2:3260\n.", "x"})
        EXPECT_FALSE(decode_portals(std::string("10.0.0.1:3260\n.") + rest)) << rest;
}

TEST(PortalsText, of_a_child_that_died_over_it_is_nothing) {
    const std::string whole = encode_portals({{IpAddress::v4(10, 0, 0, 1), 3260}});
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_portals(whole.substr(0, size))) << size;
}

}  // namespace
}  // namespace bootwire::keeper
