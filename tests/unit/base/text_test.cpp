#include "base/text.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/host_name.h"

namespace bootwire {
namespace {

TEST(ParseNumber, takes_the_whole_text_or_nothing) {
    EXPECT_EQ(parse_number<uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_number<uint16_t>("ff", 16), 255);
    for (const char* text : {"", "65536", "-1", "+1", " 1", "1 ", "0x1", "1e3"}) {
        EXPECT_FALSE(parse_number<uint16_t>(text)) << text;
    }
}

TEST(ParseNumber, knows_the_largest_of_each_type_and_the_one_beyond) {
    EXPECT_EQ(parse_number<uint8_t>("255"), 255);
    EXPECT_FALSE(parse_number<uint8_t>("256"));
    EXPECT_FALSE(parse_number<uint8_t>("260")) << "which is 26 times 10, and 26 is well below";
    EXPECT_EQ(parse_number<uint64_t>("18446744073709551615"), 18446744073709551615u);
    EXPECT_FALSE(parse_number<uint64_t>("18446744073709551616"));
    EXPECT_FALSE(parse_number<uint64_t>("18446744073709551620"));
    EXPECT_FALSE(parse_number<uint64_t>("184467440737095516150"));
    EXPECT_EQ(parse_number<uint64_t>("ffffffffffffffff", 16), 0xffffffffffffffff);
    EXPECT_FALSE(parse_number<uint64_t>("10000000000000000", 16));
}

TEST(ParseNumber, takes_the_digits_of_its_base_in_both_cases) {
    EXPECT_EQ(parse_number<uint32_t>("aBcF09", 16), 0xabcf09u);
    EXPECT_EQ(parse_number<uint32_t>("755", 8), 0755u);
    EXPECT_EQ(parse_number<uint32_t>("0000000000007"), 7u);
    EXPECT_FALSE(parse_number<uint32_t>("8", 8));
    EXPECT_FALSE(parse_number<uint32_t>("a"));
    EXPECT_FALSE(parse_number<uint32_t>("g", 16));
}

TEST(HostName, is_one_that_dns_can_know) {
    EXPECT_TRUE(is_host_name("raspberrypi"));
    EXPECT_TRUE(is_host_name("a.b-c.example."));
    EXPECT_TRUE(is_host_name("3com"));
    EXPECT_TRUE(is_host_name("my_nas.lan"));
    for (const char* text : {"", ".", "-a", "a-", "a..b", "10", "1.2.3.4", "a b", "ä"}) {
        EXPECT_FALSE(is_host_name(text)) << text;
    }
    EXPECT_FALSE(is_host_name(std::string(64, 'a')));
    EXPECT_FALSE(is_host_name(std::string(254, 'a')));
}

TEST(Split, keeps_empty_pieces) {
    EXPECT_EQ(split("a::b:", ':').size(), 4u);
    EXPECT_EQ(split("", ':').size(), 1u);
    EXPECT_EQ(split_words("  a\tb\nc ").size(), 3u);
}

TEST(Printable, shows_control_bytes_escaped_and_cuts_long_text) {
    EXPECT_EQ(printable("a\x1b[2J\xff"), "a\\x1b[2J\\xff");
    EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(JsonString, escapes_and_replaces_what_is_not_utf8) {
    EXPECT_EQ(json_string("a\"\\\n\xc3\xa9\xff"), "\"a\\\"\\\\\\u000a\xc3\xa9\\ufffd\"");
    EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
}

TEST(Bytes, round_trip_in_both_orders) {
    uint8_t buffer[8];
    store_be64(buffer, 0x0102030405060708);
    EXPECT_EQ(load_be64(buffer), 0x0102030405060708u);
    EXPECT_EQ(load_be24(buffer), 0x010203u);
    EXPECT_EQ(load_le32(buffer), 0x04030201u);
    store_le64(buffer, 0x0102030405060708);
    EXPECT_EQ(load_le64(buffer), 0x0102030405060708u);
}

TEST(Reader, never_reads_past_the_end) {
    const uint8_t bytes[] = {1, 2, 3};
    Reader reader(bytes);
    EXPECT_EQ(reader.be16(), 0x0102);
    EXPECT_FALSE(reader.be16());
    EXPECT_EQ(reader.u8(), 3);
    EXPECT_FALSE(reader.u8());
}

}  // namespace
}  // namespace bootwire
