#include <gtest/gtest.h>

#include "control/address.h"
#include "control/answer.h"
#include "control/ending.h"
#include "control/request_reader.h"

namespace bootwire::control {
namespace {

using State = RequestReader::State;

TEST(RequestReader, takes_a_line_in_any_pieces) {
    RequestReader reader;
    EXPECT_EQ(reader.add(""), State::incomplete);
    EXPECT_EQ(reader.add("sta"), State::incomplete);
    EXPECT_EQ(reader.add("tus"), State::incomplete);
    EXPECT_EQ(reader.add("\n"), State::complete);
    EXPECT_EQ(reader.line(), "status");
}

TEST(RequestReader, takes_none_that_is_longer_than_agreed) {
    const std::string longest(longest_request - 1, 'x');
    RequestReader whole, in_pieces, too_long, without_end;
    EXPECT_EQ(whole.add(longest + "\n"), State::complete);
    EXPECT_EQ(whole.line(), longest);
    EXPECT_EQ(in_pieces.add(longest), State::incomplete);
    EXPECT_EQ(in_pieces.add("x\n"), State::refused);
    EXPECT_EQ(in_pieces.line(), "");
    EXPECT_EQ(too_long.add(longest + "x\n"), State::refused);
    EXPECT_EQ(without_end.add(longest + "x"), State::refused);
    EXPECT_EQ(without_end.add("\n"), State::refused);
}

TEST(RequestReader, takes_none_that_goes_on) {
    RequestReader at_once, later;
    EXPECT_EQ(at_once.add("status\nlog\n"), State::refused);
    EXPECT_EQ(later.add("status\n"), State::complete);
    EXPECT_EQ(later.add("l"), State::refused);
}

TEST(Answer, has_nothing_in_it_that_a_terminal_obeys) {
    const auto answer = Answer::from_wire("ok\na\tb\x1b[2J\x07\r\n\x7f\xc3\xa4\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->text, "a\tb?[2J??\n?\xc3\xa4\n");
}

TEST(NotedAnswer, names_a_disk_and_no_path) {
    EXPECT_EQ(disk_of_noted_answer(noted_answer("sda")), "sda");
    for (const char* answer : {"", "noted", "noted\n", "noted \n", "noted sda", "noted ../sda\n",
                               "noted sda sdb\n", "noted  sda\n", "noted .\n", "notedsda\n",
                               "only root may ask for that\n", "noted sda\nx\n"}) {
        EXPECT_FALSE(disk_of_noted_answer(answer)) << answer;
    }
    EXPECT_FALSE(disk_of_noted_answer(noted_answer(std::string(32, 'a'))));
}

}  // namespace
}  // namespace bootwire::control
