#include "iscsi/target_address.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(TargetAddress, is_read_in_every_form) {
    const auto parse = [](std::string_view text) {
        const auto address = TargetAddress::parse(text);
        return address ? address->to_string() : "none";
    };
    EXPECT_EQ(parse("10.0.0.1"), "10.0.0.1:3260");
    EXPECT_EQ(parse("10.0.0.1:860,1"), "10.0.0.1:860");
    EXPECT_EQ(parse("[fe80::1]"), "[fe80::1]:3260");
    EXPECT_EQ(parse("a-b.example:1"), "a-b.example:1");
    for (const char* text : {"", ":3260", "[fe80::1", "[10.0.0.1]", "fe80::1", "a b", "a:", "a:0",
                             "a:1,", "a:1,65536", "[fe80::1]3260", "a..b", "a,b"}) {
        EXPECT_EQ(parse(text), "none") << text;
    }
}

TEST(TargetAddress, has_its_port_and_tag_up_to_65535) {
    const auto address = TargetAddress::parse("[fd00::1]:65535,65535");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->host.view(), "fd00::1");
    EXPECT_EQ(address->port, 65535);
    EXPECT_EQ(address->portal_group_tag, 65535);
    EXPECT_EQ(TargetAddress::parse("nas:1,0")->portal_group_tag, 0);
    EXPECT_EQ(TargetAddress::parse("nas:1,0")->port, 1);
    EXPECT_FALSE(TargetAddress::parse("nas")->portal_group_tag);
    for (const char* text :
         {"nas:65536", "nas:-1", "nas:1:2", "[fd00::1]:", "[fd00::1]:0", "[fd00::1]x", "[]",
          "[nas]", "[fd00::1", "nas,65536", "nas,-1", "nas, 1", "nas init=/bin/sh", "nas/x:3260"}) {
        EXPECT_FALSE(TargetAddress::parse(text)) << text;
    }
}

}  // namespace
}  // namespace bootwire::iscsi
