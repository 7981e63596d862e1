#include "base/address.h"

#include <gtest/gtest.h>

namespace bootwire {
namespace {

TEST(IpAddress, parses_and_prints_both_families) {
    EXPECT_EQ(IpAddress::parse("192.168.1.10")->to_string(), "192.168.1.10");
    EXPECT_EQ(IpAddress::parse("fd00:0::1")->to_string(), "fd00::1");
    EXPECT_EQ(IpAddress::parse("192.168.1.10"), IpAddress::v4(0xc0a8010a));
}

TEST(IpAddress, refuses_what_is_not_exactly_an_address) {
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4", "[::1]", "::1%eth0",
                             "name", "1.2.3.4:80"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(IpPrefix, contains_the_addresses_of_its_network_only) {
    const auto prefix = *IpPrefix::parse("10.1.2.3/20");
    EXPECT_TRUE(prefix.contains(IpAddress::v4(10, 1, 15, 255)));
    EXPECT_FALSE(prefix.contains(IpAddress::v4(10, 1, 16, 0)));
    EXPECT_FALSE(prefix.contains(*IpAddress::parse("::1")));
    EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(IpAddress::v4(8, 8, 8, 8)));
    EXPECT_FALSE(IpPrefix::parse("10.0.0.1/33"));
    EXPECT_FALSE(IpPrefix::parse("10.0.0.1"));
}

TEST(Netmask, gives_a_prefix_length_unless_it_has_holes) {
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(255, 255, 255, 0)), 24);
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(0, 0, 0, 0)), 0);
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(255, 0, 255, 0)), std::nullopt);
}

TEST(MacAddress, parses_colons_and_dashes) {
    EXPECT_EQ(MacAddress::parse("DC-a6-32-01-02-ff")->to_string(), "dc:a6:32:01:02:ff");
    EXPECT_FALSE(MacAddress::parse("dc:a6:32:01:02"));
    EXPECT_FALSE(MacAddress::parse("dc:a6:32:01:02:0g"));
}

TEST(Endpoint, brackets_an_ipv6_address) {
    EXPECT_EQ((Endpoint{*IpAddress::parse("fd00::1"), 3260}).to_string(), "[fd00::1]:3260");
}

}  // namespace
}  // namespace bootwire
