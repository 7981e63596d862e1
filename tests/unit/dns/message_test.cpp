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

std::string error_of(Bytes payload) {
    const auto read = parse_response(payload);
    return read ? "" : read.error().what;
}

TEST(Response, without_a_whole_header_or_question_says_so) {
    const std::string malformed = "a malformed DNS answer: ";
    // Bytes behind the end are there, and not to be looked at.
    const auto bytes = Answer(7, "nas.lan", RecordType::a).bytes();
    ASSERT_EQ(bytes.size(), 25u);
    EXPECT_EQ(error_of(bytes), "");
    EXPECT_EQ(error_of(Bytes(bytes).first(11)), malformed + "it is too short");
    for (size_t size = 12; size < bytes.size(); ++size)
        EXPECT_EQ(error_of(Bytes(bytes).first(size)), malformed + "the question is no name");
}

TEST(Response, with_a_pointer_cut_anywhere_is_an_error) {
    auto bytes = Answer(7, "nas.lan", RecordType::a).bytes();
    bytes[7] = 1;
    const size_t at = bytes.size();
    const std::vector<uint8_t> record = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1};
    bytes.insert(bytes.end(), record.begin(), record.end());
    EXPECT_EQ(error_of(bytes), "");
    for (size_t size = at; size < at + 12; ++size) {
        EXPECT_EQ(error_of(Bytes(bytes).first(size)),
                  "a malformed DNS answer: a record without a whole header")
            << size - at;
    }
}

TEST(Response, has_labels_of_at_most_63_bytes_and_lengths_that_are_no_others) {
    for (const size_t length : {63, 64, 0x80, 0xbf}) {
        std::vector<uint8_t> bytes(12);
        bytes[2] = 0x80;
        bytes[5] = 1;
        bytes.push_back(static_cast<uint8_t>(length));
        bytes.insert(bytes.end(), length, 'a');
        bytes.insert(bytes.end(), {0, 0, 1, 0, 1});
        EXPECT_EQ(parse_response(bytes).has_value(), length == 63) << length;
    }
}

/// Where a pointer with 14 ones could lead to is an empty name.
TEST(Response, has_pointers_that_begin_with_two_ones) {
    for (const uint8_t first : {0xff, 0xbf, 0x7f, 0x3f}) {
        auto bytes = Answer(7, "nas.lan", RecordType::a).bytes();
        bytes[7] = 2;
        std::vector<uint8_t> records = {0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0x3f, 0};
        records.resize(records.size() + 0x3f00);
        for (const int byte : {int{first}, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1})
            records.push_back(static_cast<uint8_t>(byte));
        bytes.insert(bytes.end(), records.begin(), records.end());
        EXPECT_EQ(parse_response(bytes).has_value(), first == 0xff) << int{first};
    }
}

TEST(Response, has_aliases_that_fill_their_records) {
    for (const auto& [data, good] : {std::pair{std::vector<uint8_t>{1, 'b', 0}, true},
                                     {{1, 'b', 0, 0}, false},
                                     {{1, 'b'}, false},
                                     {{}, false}}) {
        auto bytes = Answer(7, "a", RecordType::a).bytes();
        bytes[7] = 1;
        const std::vector<uint8_t> head = {0xc0, 12, 0, 5, 0, 1,
                                           0,    0,  0, 9, 0, static_cast<uint8_t>(data.size())};
        bytes.insert(bytes.end(), head.begin(), head.end());
        bytes.insert(bytes.end(), data.begin(), data.end());
        EXPECT_EQ(error_of(bytes), good ? "" : "a malformed DNS answer: an alias that is no name")
            << data.size();
    }
}

TEST(Response, tells_its_code_apart_from_its_flags) {
    for (uint8_t code = 0; code < 16; ++code) {
        const auto read = parse_response(Answer(7, "nas.lan", RecordType::a, code).bytes());
        ASSERT_TRUE(read) << int{code};
        EXPECT_EQ(read->code, code);
        EXPECT_FALSE(read->truncated) << int{code};
    }
    auto question = Answer(7, "nas.lan", RecordType::a, 1).bytes();
    question[2] = 0x01;
    EXPECT_EQ(error_of(question), "a malformed DNS answer: it is no answer");
}

TEST(Codes, have_words) {
    const std::pair<uint8_t, std::string_view> codes[] = {
        {0, "no error"},
        {1, "the server did not understand the question"},
        {2, "the server failed"},
        {3, "the name does not exist"},
        {4, "the server does not answer such questions"},
        {5, "the server refuses to answer"},
        {6, "error code 6"},
    };
    for (const auto& [code, words] : codes)
        EXPECT_EQ(code_in_words(code), words);
}

}  // namespace
}  // namespace bootwire::dns
