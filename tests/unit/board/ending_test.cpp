#include "board/ending.h"

#include <gtest/gtest.h>

namespace bootwire::board {
namespace {

TEST(Verb, is_read_as_it_is_written) {
    for (const Verb verb : {Verb::reboot, Verb::poweroff, Verb::halt, Verb::kexec})
        EXPECT_EQ(parse_verb(to_string(verb)), verb);
}

TEST(Verb, of_another_spelling_is_none) {
    for (const char* text : {"", "Reboot", "reboot ", "exit", "rebootx"})
        EXPECT_FALSE(parse_verb(text)) << text;
}

}  // namespace
}  // namespace bootwire::board
