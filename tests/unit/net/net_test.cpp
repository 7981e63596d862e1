#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

#include "namespace.h"
#include "net/links.h"
#include "net/netlink.h"
#include "net/socket_address.h"

namespace bootwire::net {
namespace {

TEST(NetlinkRequest, nests_attributes_and_fills_in_lengths) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header(ifinfomsg{}).attribute(1, std::string_view("ab"));
    request.begin(2).attribute16(3, 0x1234).end();
    const Bytes bytes = request.finish(7);
    nlmsghdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    EXPECT_EQ(header.nlmsg_len, bytes.size());
    EXPECT_EQ(header.nlmsg_seq, 7u);
    std::vector<uint16_t> types;
    for_each_attribute(bytes.subspan(NLMSG_HDRLEN + sizeof(ifinfomsg)),
                       [&](uint16_t type, Bytes value) {
                           types.push_back(type);
                           if (type == 1) {
                               EXPECT_EQ(value.size(), 3u) << "with its NUL";
                           }
                           if (type == 2) {
                               for_each_attribute(value, [&](uint16_t inner, Bytes number) {
                                   EXPECT_EQ(inner, 3);
                                   EXPECT_EQ(number.size(), 2u);
                               });
                           }
                       });
    EXPECT_EQ(types, (std::vector<uint16_t>{1, 2}));
}

TEST(Attributes, with_impossible_lengths_end_the_walk) {
    const uint8_t longer_than_there_is[] = {255, 0, 1, 0};
    const uint8_t shorter_than_its_head[] = {1, 0, 1, 0, 8, 0, 2, 0, 1, 2, 3, 4};
    int calls = 0;
    for_each_attribute(longer_than_there_is, [&](uint16_t, Bytes) { ++calls; });
    for_each_attribute(shorter_than_its_head, [&](uint16_t, Bytes) { ++calls; });
    EXPECT_EQ(calls, 0);
}

TEST(SocketAddress, round_trips_both_families) {
    for (const char* text : {"192.168.1.10", "fd00::1"}) {
        const Endpoint endpoint{*IpAddress::parse(text), 3260};
        EXPECT_EQ(endpoint_of(socket_address(endpoint)), endpoint);
    }
}

TEST_F(Namespace, addresses_and_routes_can_be_set_and_flushed) {
    auto links = Links::open();
    ASSERT_TRUE(links);
    const auto listed = links->list();
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->front().name, "lo");
    const Link& lo = listed->front();
    EXPECT_FALSE(lo.is_ethernet);
    EXPECT_TRUE(lo.is_virtual);
    ASSERT_TRUE(links->set_up(lo));
    ASSERT_TRUE(links->set_mtu(lo, 1400));
    ASSERT_TRUE(links->add_address(lo, *IpPrefix::parse("10.9.8.7/24")));
    ASSERT_TRUE(links->add_address(lo, *IpPrefix::parse("10.9.8.7/24"))) << "again is no error";
    ASSERT_TRUE(links->set_route(lo, {*IpPrefix::parse("10.1.0.0/16"), IpAddress{}}));
    EXPECT_TRUE(links->flush(lo));
    EXPECT_FALSE(links->remove_address(lo, *IpPrefix::parse("10.9.8.7/24"))) << "it is gone";
}

TEST_F(Namespace, a_change_of_a_link_is_told) {
    auto links = Links::open();
    auto monitor = LinkMonitor::open();
    ASSERT_TRUE(links && monitor);
    EXPECT_FALSE(monitor->changed());
    ASSERT_TRUE(links->set_up(links->list()->front()));
    pollfd polled{monitor->fd(), POLLIN, 0};
    ASSERT_EQ(poll(&polled, 1, 5000), 1);
    EXPECT_TRUE(monitor->changed());
}

TEST_F(Namespace, addresses_and_routes_that_are_taken_away_are_told) {
    auto links = Links::open();
    auto monitor = LinkMonitor::open(LinkMonitor::Scope::addresses_too);
    ASSERT_TRUE(links && monitor);
    const Link lo = links->list()->front();
    const IpPrefix address = *IpPrefix::parse("10.9.8.7/24");
    const Route route{*IpPrefix::parse("10.1.0.0/16"), IpAddress{}};
    ASSERT_TRUE(links->set_up(lo));
    ASSERT_TRUE(links->add_address(lo, address));
    ASSERT_TRUE(links->set_route(lo, route));
    std::vector<Removal> removals;
    const auto note = [&](const Removal& removal) { removals.push_back(removal); };
    monitor->changed(note);
    EXPECT_TRUE(removals.empty()) << "what is new is no removal";
    ASSERT_TRUE(links->remove_route(lo, route));
    ASSERT_TRUE(links->remove_address(lo, address));
    EXPECT_FALSE(monitor->changed(note)) << "of the link itself nothing has changed";
    ASSERT_GE(removals.size(), 2u);
    EXPECT_TRUE(removals[0].is_route);
    EXPECT_EQ(removals[0].what, route.destination);
    EXPECT_EQ(removals[0].link, lo.index);
    const auto of_address = [](const Removal& removal) { return !removal.is_route; };
    const auto gone = std::ranges::find_if(removals, of_address);
    ASSERT_NE(gone, removals.end());
    EXPECT_EQ(gone->what, address);
    EXPECT_EQ(gone->link, lo.index);
}

}  // namespace
}  // namespace bootwire::net
