#include "net/link_messages.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <vector>

#include "net/netlink.h"

namespace bootwire::net {
namespace {

std::vector<uint8_t> payload_of(NetlinkRequest& request) {
    const Bytes bytes = request.finish(1).subspan(NLMSG_HDRLEN);
    return {bytes.begin(), bytes.end()};
}

std::vector<uint8_t> link_named(std::string_view name, int index = 2) {
    ifinfomsg info{};
    info.ifi_index = index;
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header(info).attribute(IFLA_IFNAME, name);
    return payload_of(request);
}

std::vector<uint8_t> address(const char* text, uint8_t length, uint8_t family = AF_INET,
                             uint32_t index = 2) {
    ifaddrmsg info{};
    info.ifa_family = family;
    info.ifa_prefixlen = length;
    info.ifa_index = index;
    NetlinkRequest request(RTM_DELADDR, 0);
    request.header(info).attribute(IFA_LOCAL, IpAddress::parse(text)->network_bytes());
    return payload_of(request);
}

std::vector<uint8_t> route(const char* text, uint8_t length, uint8_t family = AF_INET) {
    rtmsg info{};
    info.rtm_family = family;
    info.rtm_dst_len = length;
    info.rtm_table = RT_TABLE_MAIN;
    NetlinkRequest request(RTM_DELROUTE, 0);
    request.header(info).attribute(RTA_OIF, uint32_t{2});
    if (text != nullptr) request.attribute(RTA_DST, IpAddress::parse(text)->network_bytes());
    return payload_of(request);
}

TEST(LinkMessage, has_a_name_that_is_no_path_and_a_number) {
    EXPECT_EQ(decode_link(RTM_NEWLINK, link_named("eth0"))->name, "eth0");
    EXPECT_EQ(decode_link(RTM_NEWLINK, link_named({"eth0\0x", 6}))->name, "eth0");
    EXPECT_TRUE(decode_link(RTM_NEWLINK, link_named("fifteen.letters")));
    for (const char* name :
         {"", ".", "..", "../eth0", "a/b", "a b", "a\n", "a:1", "a\xa0", "sixteen..letters"}) {
        EXPECT_FALSE(decode_link(RTM_NEWLINK, link_named(name))) << name;
    }
    EXPECT_FALSE(decode_link(RTM_NEWLINK, link_named("eth0", 0)));
    EXPECT_FALSE(decode_link(RTM_NEWLINK, link_named("eth0", -1)));
    EXPECT_FALSE(decode_link(RTM_DELLINK, link_named("eth0")));
    EXPECT_FALSE(decode_link(RTM_NEWLINK, std::vector<uint8_t>(sizeof(ifinfomsg) - 1)));
}

TEST(AddressMessage, is_of_ipv4_and_whole) {
    const auto removal = decode_removal(RTM_DELADDR, address("10.9.8.7", 24));
    ASSERT_TRUE(removal);
    EXPECT_EQ(removal->what, *IpPrefix::parse("10.9.8.7/24"));
    EXPECT_EQ(removal->link, 2);
    EXPECT_FALSE(removal->is_route);
    EXPECT_EQ(decode_address(RTM_NEWADDR, address("10.9.8.7", 24))->address, removal->what);
    EXPECT_FALSE(decode_removal(RTM_DELADDR, address("fd00::1", 64, AF_INET6)));
    EXPECT_FALSE(decode_removal(RTM_DELADDR, address("10.9.8.7", 24, AF_INET6)));
    EXPECT_FALSE(decode_removal(RTM_DELADDR, address("fd00::1", 24)));
    EXPECT_FALSE(decode_removal(RTM_DELADDR, address("10.9.8.7", 33)));
    // A removal from no link would mean that events got lost.
    EXPECT_FALSE(decode_removal(RTM_DELADDR, address("10.9.8.7", 24, AF_INET, 0)));
    EXPECT_FALSE(decode_removal(RTM_DELADDR, std::vector<uint8_t>(sizeof(ifaddrmsg))));
}

TEST(RouteMessage, is_of_ipv4_and_whole) {
    const auto removal = decode_removal(RTM_DELROUTE, route("10.1.0.0", 16));
    ASSERT_TRUE(removal);
    EXPECT_EQ(removal->what, *IpPrefix::parse("10.1.0.0/16"));
    EXPECT_TRUE(removal->is_route);
    EXPECT_EQ(decode_removal(RTM_DELROUTE, route(nullptr, 0))->what, *IpPrefix::parse("0.0.0.0/0"));
    EXPECT_FALSE(decode_removal(RTM_DELROUTE, route(nullptr, 16)));
    EXPECT_FALSE(decode_removal(RTM_DELROUTE, route("fd00::", 16, AF_INET6)));
    EXPECT_FALSE(decode_removal(RTM_DELROUTE, route("fd00::", 16)));
    EXPECT_FALSE(decode_removal(RTM_DELROUTE, route("10.1.0.0", 33)));
}

}  // namespace
}  // namespace bootwire::net
