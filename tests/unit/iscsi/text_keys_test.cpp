#include "iscsi/text_keys.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace bootwire::iscsi {
namespace {

struct Walk {
    std::vector<std::string> pairs;
    TextProblem problem;
};

Walk walk(const std::string& text) {
    TextKeyReader reader(bytes_of(text));
    Walk result{};
    while (const auto pair = reader.next())
        result.pairs.push_back(std::string(pair->key) + "→" + std::string(pair->value));
    result.problem = reader.problem();
    return result;
}

TEST(TextKeys, are_walked_over_with_their_values) {
    using namespace std::string_literals;
    const Walk result = walk("A=1\0\0B=\0C=x=y\0\0\0"s);
    EXPECT_EQ(result.pairs, (std::vector<std::string>{"A→1", "B→", "C→x=y"}));
    EXPECT_EQ(result.problem, TextProblem::none);
}

TEST(TextKeys, may_lack_the_last_zero_byte) {
    using namespace std::string_literals;
    EXPECT_EQ(walk("A=1\0B=2"s).pairs, (std::vector<std::string>{"A→1", "B→2"}));
    EXPECT_EQ(walk("A=1\0B=2"s).problem, TextProblem::none);
    EXPECT_EQ(walk("A=1\0B"s).problem, TextProblem::no_equals_sign);
    for (const std::string& text : {"A=1\0B=2\0"s, "A=1\0B=2"s}) {
        TextKeyReader reader(bytes_of(text));
        EXPECT_TRUE(reader.next());
        EXPECT_FALSE(reader.unterminated());
        EXPECT_TRUE(reader.next());
        EXPECT_EQ(reader.unterminated(), text.back() != '\0');
        EXPECT_FALSE(reader.next());
    }
}

TEST(TextKeys, that_break_a_rule_stop_the_walk) {
    using namespace std::string_literals;
    EXPECT_EQ(walk("A=1\0B\0C=3\0"s).pairs.size(), 1u);
    EXPECT_EQ(walk("A=1\0B\0C=3\0"s).problem, TextProblem::no_equals_sign);
    EXPECT_EQ(walk("=1\0"s).problem, TextProblem::empty_key);
    EXPECT_EQ(walk("A B=1\0"s).problem, TextProblem::bad_key_character);
    EXPECT_EQ(walk(std::string(63, 'k') + "=1\0"s).problem, TextProblem::none);
    EXPECT_EQ(walk(std::string(64, 'k') + "=1\0"s).problem, TextProblem::key_too_long);
    EXPECT_EQ(walk("A=" + std::string(8192, 'v') + "\0"s).problem, TextProblem::none);
    EXPECT_EQ(walk("A=" + std::string(8193, 'v') + "\0"s).problem, TextProblem::value_too_long);
}

TEST(TextKeyWriter, leaves_out_as_a_whole_what_does_not_fit) {
    std::array<uint8_t, 8> storage;
    TextKeyWriter writer(storage);
    writer.add("A", "12");
    EXPECT_FALSE(writer.overflowed());
    writer.add("B", "1");
    EXPECT_TRUE(writer.overflowed());
    EXPECT_EQ(writer.bytes().size(), 5u);
    writer.clear();
    writer.add("B", 12345u);
    EXPECT_EQ(writer.bytes().size(), 8u);
}

TEST(TextAssembler, holds_no_more_than_its_storage) {
    std::array<uint8_t, 4> storage;
    TextAssembler text(storage);
    const std::array<uint8_t, 3> segment{1, 2, 3};
    EXPECT_TRUE(text.append(segment));
    EXPECT_FALSE(text.append(segment));
    EXPECT_EQ(text.text().size(), 3u);
}

TEST(TextValues, are_numbers_in_either_base_and_lists) {
    EXPECT_EQ(parse_numerical("0"), 0u);
    EXPECT_EQ(parse_numerical("0x1F"), 31u);
    EXPECT_EQ(parse_numerical("4294967295"), 0xffffffffu);
    for (const char* text : {"", "0x", "4294967296", "1 ", "-1", "1~2"}) {
        EXPECT_FALSE(parse_numerical(text)) << text;
    }
    EXPECT_TRUE(list_contains("None,CRC32C", "CRC32C"));
    EXPECT_FALSE(list_contains("None,CRC32C", "CRC"));
    EXPECT_FALSE(list_contains("", "None"));
}

TEST(TextValues, are_yes_and_no_as_they_are_written) {
    EXPECT_EQ(parse_boolean("Yes"), true);
    EXPECT_EQ(parse_boolean("No"), false);
    for (const char* text : {"", "yes", "no", "Y", "true", "1", "Yes "})
        EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(TextValues, of_lists_are_taken_one_by_one) {
    std::string_view list = "a,,b";
    EXPECT_EQ(take_list_item(list), "a");
    EXPECT_EQ(take_list_item(list), "");
    EXPECT_EQ(take_list_item(list), "b");
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(list_contains("a,b", "a"));
    EXPECT_FALSE(list_contains("ab,c", "b"));
}

TEST(TextKeys, have_the_characters_of_the_rfc_and_of_registered_extensions) {
    using namespace std::string_literals;
    EXPECT_EQ(walk("aZ09.-+@_#=1\0"s).problem, TextProblem::none);
    for (const char wrong : {' ', ',', '/', ':', '[', '`', '{', '~', '\n', '\x7f'}) {
        EXPECT_EQ(walk("A" + std::string(1, wrong) + "=1\0"s).problem,
                  TextProblem::bad_key_character)
            << int{wrong};
    }
}

TEST(TextKeyWriter, writes_numbers_whole_and_nothing_after_what_did_not_fit) {
    std::array<uint8_t, 20> storage;
    TextKeyWriter writer(storage);
    writer.add("A", 4294967295u);
    EXPECT_EQ(text_of(writer.bytes()), std::string_view("A=4294967295\0", 13));
    writer.add("B", "12345");
    EXPECT_TRUE(writer.overflowed());
    writer.add("C", "1");
    EXPECT_EQ(writer.bytes().size(), 13u) << "what is not whole is not added to";
}

TEST(TextAssembler, is_full_to_the_last_byte) {
    std::array<uint8_t, 4> storage;
    TextAssembler text(storage);
    EXPECT_TRUE(text.append(bytes_of("ab")));
    EXPECT_TRUE(text.append(bytes_of("cd")));
    EXPECT_EQ(text_of(text.text()), "abcd");
    EXPECT_TRUE(text.append({}));
    EXPECT_FALSE(text.append(bytes_of("e")));
}

}  // namespace
}  // namespace bootwire::iscsi
