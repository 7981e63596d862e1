#include "dns/message.h"

#include <gtest/gtest.h>

#include "answer.h"

namespace bootwire::dns {
namespace {

TEST(HostName, letters_digits_and_hyphens_in_parts_of_at_most_63) {
    for (const char* name : {"nas", "nas.example.org", "NAS-1.example.org.", "1.a", "my_nas.lan"})
        EXPECT_TRUE(check_host_name(name)) << name;
    const std::string longest = std::string(63, 'a');
    EXPECT_TRUE(check_host_name(longest));
    for (const std::string& name :
         {std::string(), std::string("."), std::string("a..b"), std::string(".a"),
          std::string("-a"), std::string("a-"), std::string("a b"), std::string("a\0b", 3),
          "a" + longest, longest + "." + longest + "." + longest + "." + longest}) {
        EXPECT_FALSE(check_host_name(name)) << name;
    }
    EXPECT_EQ(check_host_name("a b").error().what,
              "\"a b\" is not a host name: only letters, digits, hyphens, "
              "underscores and dots may be in it");
}

TEST(Query, has_the_bytes_of_rfc_1035) {
    const auto query = build_query(0x1234, "nas.lan.", RecordType::a);
    ASSERT_TRUE(query);
    const std::vector<uint8_t> expected = {0x12, 0x34, 1,   0, 0,   1,   0,   0, 0, 0, 0, 0, 3,
                                           'n',  'a',  's', 3, 'l', 'a', 'n', 0, 0, 1, 0, 1};
    EXPECT_EQ(*query, expected);
}

TEST(Response, gives_the_addresses_of_the_question) {
    Answer answer(7, "NAS.lan", RecordType::a);
    answer.a("nas.LAN", 10, 60).a("other.lan", 11, 60).a("nas.lan", 12, 30);
    const auto read = parse_response(answer.bytes());
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->id, 7);
    EXPECT_EQ(read->question, "nas.lan");
    ASSERT_EQ(read->addresses.size(), 2u);
    EXPECT_EQ(read->addresses[0].to_string(), "10.0.0.10");
    EXPECT_EQ(read->addresses[1].to_string(), "10.0.0.12");
}

TEST(Response, follows_aliases_in_any_order) {
    Answer answer(7, "disk.lan", RecordType::a);
    answer.a("c.lan", 10, 60).cname("b.lan", "c.lan").cname("disk.lan", "b.lan");
    const auto read = parse_response(answer.bytes());
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->addresses.size(), 1u);
    EXPECT_EQ(read->name, "c.lan");
}

TEST(Response, with_circles_of_aliases_is_an_error) {
    Answer answer(7, "a.lan", RecordType::a);
    answer.cname("a.lan", "b.lan").cname("b.lan", "a.lan");
    const auto read = parse_response(answer.bytes());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what, "a malformed DNS answer: too many aliases, or a circle of them");
}

TEST(Response, reads_compressed_names_and_refuses_pointers_that_do_not_lead_back) {
    Answer answer(7, "nas.lan", RecordType::aaaa);
    auto bytes = answer.bytes();
    bytes[7] = 1;
    const size_t at = bytes.size();
    const std::vector<uint8_t> record = {0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 9, 0, 16, 0xfd, 0,
                                         0,    0,  0, 0,  0, 0, 0, 0, 0, 0, 0, 0,  0,    2};
    bytes.insert(bytes.end(), record.begin(), record.end());
    auto read = parse_response(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->addresses.at(0).to_string(), "fd00::2");
    for (const size_t target : {at, at + 2, size_t{0x3fff}}) {
        store_be16(&bytes[at], static_cast<uint16_t>(0xc000 | target));
        EXPECT_FALSE(parse_response(bytes)) << target;
    }
}

TEST(Response, cut_anywhere_is_an_error) {
    Answer answer(7, "disk.lan", RecordType::a);
    answer.cname("disk.lan", "nas.lan").a("nas.lan", 10, 60);
    const auto bytes = answer.bytes();
    for (size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(parse_response(Bytes(bytes).first(size))) << size;
}

TEST(Response, a_dot_inside_a_label_does_not_split_it) {
    Answer answer(7, "nas.lan", RecordType::a);
    answer.a("nas.lan", 10, 60);
    auto bytes = answer.bytes();
    // nas.lan as one label of seven.
    bytes[12] = 7;
    bytes[16] = '.';
    const auto read = parse_response(bytes);
    ASSERT_TRUE(read);
    EXPECT_NE(read->question, "nas.lan");
    EXPECT_TRUE(read->addresses.empty());
}

}  // namespace
}  // namespace bootwire::dns
