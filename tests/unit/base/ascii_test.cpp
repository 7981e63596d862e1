#include "base/ascii.h"

#include <gtest/gtest.h>

#include <cctype>

#include "base/fnv1a.h"

namespace bootwire {
namespace {

TEST(Ascii, has_the_c_locales_characters_and_none_beyond) {
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        EXPECT_EQ(is_digit(c), std::isdigit(i) != 0) << i;
        EXPECT_EQ(is_lower(c), std::islower(i) != 0) << i;
        EXPECT_EQ(is_upper(c), std::isupper(i) != 0) << i;
        EXPECT_EQ(is_letter(c), std::isalpha(i) != 0) << i;
        EXPECT_EQ(is_letter_or_digit(c), std::isalnum(i) != 0) << i;
        EXPECT_EQ(is_hex_digit(c), std::isxdigit(i) != 0) << i;
        EXPECT_EQ(is_graphic(c), std::isgraph(i) != 0) << i;
        EXPECT_EQ(is_graphic_or_blank(c), std::isprint(i) != 0) << i;
        EXPECT_EQ(to_lower(c), static_cast<char>(std::tolower(i))) << i;
        EXPECT_EQ(to_upper(c), static_cast<char>(std::toupper(i))) << i;
    }
}

TEST(Ascii, compares_whole_texts_without_their_case) {
    EXPECT_EQ(lower("Nas-1.\xc3\x84"), "nas-1.\xc3\x84");
    EXPECT_TRUE(same_ignoring_case("DEFAULT", "default"));
    EXPECT_FALSE(same_ignoring_case("default", "defaults"));
    EXPECT_FALSE(same_ignoring_case("[", "{")) << "as far apart as letters of either case";
}

TEST(Fnv1a, is_what_its_authors_publish) {
    EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325u);
    EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace bootwire
