#include "plan/command_line.h"

#include <gtest/gtest.h>

namespace bootwire::plan {
namespace {

TEST(CommandLine, splits_at_blanks_and_at_the_first_equals_sign) {
    const auto line = CommandLine::parse("  quiet root=PARTUUID=1-02\tro\n");
    ASSERT_EQ(line.words().size(), 3u);
    EXPECT_EQ(line.words()[0].name, "quiet");
    EXPECT_FALSE(line.words()[0].value);
    EXPECT_EQ(line.value("root"), "PARTUUID=1-02");
    EXPECT_TRUE(line.has("ro"));
    EXPECT_FALSE(line.has("rw"));
}

TEST(CommandLine, takes_quotes_off_as_the_kernel_does) {
    const auto line = CommandLine::parse(R"(a="x y" "b=x y" c=x" "y "d" e="" f="x"y")");
    EXPECT_EQ(line.value("a"), "x y");
    EXPECT_EQ(line.value("b"), "x y");
    EXPECT_EQ(line.value("c"), "x\" \"y");
    EXPECT_TRUE(line.has("d"));
    EXPECT_EQ(line.value("e"), "");
    EXPECT_EQ(line.value("f"), "x\"y");
}

TEST(CommandLine, lets_an_open_quotation_reach_to_the_end) {
    const auto line = CommandLine::parse("a=1 b=\"x y z=2");
    EXPECT_EQ(line.words().size(), 2u);
    EXPECT_EQ(line.value("b"), "x y z=2");
}

TEST(CommandLine, gives_the_last_value_of_a_name) {
    EXPECT_EQ(CommandLine::parse("a=1 a=2").value("a"), "2");
    EXPECT_EQ(CommandLine::parse("a=1 a").value("a"), "1");
}

TEST(CommandLine, takes_dash_and_underscore_for_each_other) {
    EXPECT_EQ(CommandLine::parse("iscsi.header-digest=None").value("iscsi.header_digest"), "None");
}

TEST(CommandLine, keeps_the_arguments_of_init_apart) {
    const auto line = CommandLine::parse("a -- b -- c=1");
    EXPECT_EQ(line.words().size(), 1u);
    ASSERT_EQ(line.init_arguments().size(), 3u);
    EXPECT_EQ(line.init_arguments()[0].name, "b");
    EXPECT_FALSE(line.has("b"));
}

TEST(CommandLine, does_not_see_an_equals_sign_in_the_first_place) {
    const auto line = CommandLine::parse("=a =b=c");
    EXPECT_EQ(line.words()[0].name, "=a");
    EXPECT_FALSE(line.words()[0].value);
    EXPECT_EQ(line.value("=b"), "c");
}

TEST(CommandLine, is_bounded) {
    EXPECT_TRUE(CommandLine::parse(std::string(CommandLine::max_length + 1, 'x')).cut());
    std::string many;
    for (size_t i = 0; i < CommandLine::max_words + 5; ++i)
        many += "a ";
    const auto line = CommandLine::parse(many);
    EXPECT_TRUE(line.cut());
    EXPECT_EQ(line.words().size(), CommandLine::max_words);
    EXPECT_FALSE(CommandLine::parse("a b").cut());
    EXPECT_EQ(CommandLine::parse(std::string_view("a\0b", 3)).words().size(), 1u);
}

TEST(Secrets, replace_what_the_kernel_blanked) {
    auto line = CommandLine::parse("iscsi.password=* iscsi.username=pi wifi.psk=*");
    line.add_secrets("iscsi.password=a \"b\"=c\nwifi.psk=secret word\n");
    EXPECT_EQ(line.words().size(), 3u);
    EXPECT_EQ(line.value("iscsi.password"), "a \"b\"=c");
    EXPECT_EQ(line.value("wifi.psk"), "secret word");
}

TEST(Secrets, replace_words_of_one_name_in_order) {
    auto line = CommandLine::parse("iscsi.password=* iscsi.password=*");
    line.add_secrets("iscsi.password=first\niscsi.password=second\n");
    EXPECT_EQ(line.words()[0].value, "first");
    EXPECT_EQ(line.words()[1].value, "second");
}

TEST(Secrets, replace_blanked_words_alone) {
    auto line = CommandLine::parse("iscsi.password= iscsi.password iscsi.password=*");
    line.add_secrets("iscsi.password=x\n");
    ASSERT_EQ(line.words().size(), 3u);
    EXPECT_EQ(line.words()[0].value, "");
    EXPECT_FALSE(line.words()[1].value);
    EXPECT_EQ(line.words()[2].value, "x");
}

TEST(Secrets, of_arguments_of_init_are_nobodys) {
    auto line = CommandLine::parse("iscsi.password=* -- iscsi.password=* wifi.psk=*");
    line.add_secrets("iscsi.password=ours\niscsi.password=x\nwifi.psk=y\n");
    ASSERT_EQ(line.words().size(), 1u);
    EXPECT_EQ(line.value("iscsi.password"), "ours");
    EXPECT_EQ(line.init_arguments()[0].value, "*");
    EXPECT_EQ(line.init_arguments()[1].value, "*");
}

TEST(Secrets, have_names_that_may_begin_with_an_equals_sign) {
    auto line = CommandLine::parse("=a.password=*");
    line.add_secrets("=a.password=x\n");
    ASSERT_EQ(line.words().size(), 1u);
    EXPECT_EQ(line.value("=a.password"), "x");
}

TEST(Secrets, are_added_where_no_word_is_blanked) {
    auto line = CommandLine::parse("quiet");
    line.add_secrets("iscsi.password=x\n");
    EXPECT_EQ(line.value("iscsi.password"), "x");
}

TEST(Secrets, cannot_change_what_is_no_secret) {
    auto line = CommandLine::parse("iscsi.target=iqn.2024-01.a:b");
    line.add_secrets("iscsi.target=iqn.2024-01.evil:x\nrubbish\n=\n");
    EXPECT_EQ(line.value("iscsi.target"), "iqn.2024-01.a:b");
    EXPECT_EQ(line.words().size(), 1u);
}

TEST(Secrets, leave_no_spelling_that_could_be_shown) {
    auto line = CommandLine::parse("iscsi.password=open \"wifi.psk=a b\"");
    for (const Word& word : line.words())
        EXPECT_EQ(word.spelling, "");
}

TEST(Secrets, are_told_by_the_ends_of_their_names_and_ours_by_any_part) {
    for (const char* name :
         {"iscsi.password", "iscsi.mutual.password", "wifi.psk", "a.secret", "iscsi.password_in",
          "iscsi.in_password", "iscsi.Password", "ISCSI.PASSWORD", "iscsi.pasword", "iscsi.pwd",
          "iscsi.passwd", "wifi.PSK2", "wifi.passphrase", "bootwire.mySecrets"}) {
        EXPECT_TRUE(is_secret_parameter(name)) << name;
    }
    for (const char* name : {"password", "a.password_in", "iscsi.target", "iscsi.", "pass.iscsi",
                             "iscsi_password", ""}) {
        EXPECT_FALSE(is_secret_parameter(name)) << name;
    }
}

}  // namespace
}  // namespace bootwire::plan
