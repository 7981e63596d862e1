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

}  // namespace
}  // namespace bootwire::iscsi
