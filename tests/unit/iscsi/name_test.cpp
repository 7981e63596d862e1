#include "iscsi/name.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(IscsiName, of_each_type_is_taken) {
    for (const char* name :
         {"iqn.2001-04.com.example", "iqn.2001-04.com.example:storage.disk2.sys1.xyz",
          "iqn.2026-11.local.bootwire:10000000abcdef01", "iqn.2001-04.com.example:a:b",
          "eui.02004567A425678D", "naa.52004567BA64678D", "naa.62004567BA64678D0123456789ABCDEF"}) {
        EXPECT_TRUE(check_name(name).ok()) << name;
    }
}

TEST(IscsiName, that_is_none_is_refused_with_the_reason) {
    const auto problem = [](std::string_view name) { return check_name(name).problem; };
    EXPECT_EQ(problem(""), NameProblem::empty);
    EXPECT_EQ(problem("iqn.2001-04.com.example:" + std::string(200, 'a')), NameProblem::too_long);
    EXPECT_EQ(problem("disk1"), NameProblem::unknown_type);
    EXPECT_EQ(problem("iqn.2001-4.com.example"), NameProblem::bad_date);
    EXPECT_EQ(problem("iqn.2001-13.com.example"), NameProblem::bad_date);
    EXPECT_EQ(problem("iqn.2001-04"), NameProblem::no_authority);
    EXPECT_EQ(problem("iqn.2001-04.:disk"), NameProblem::no_authority);
    EXPECT_EQ(problem("iqn.2001-04:disk"), NameProblem::no_authority);
    EXPECT_EQ(problem("iqn.2001-04.com.example:my disk"), NameProblem::bad_character);
    EXPECT_EQ(problem("iqn.2001-04.com.example:d\xc3\xa9"), NameProblem::bad_character);
    EXPECT_EQ(problem("eui.02004567A425678"), NameProblem::bad_digits);
    EXPECT_EQ(problem("eui.02004567A425678G"), NameProblem::bad_digits);
    EXPECT_EQ(problem("naa.52004567BA64678D0"), NameProblem::bad_digits);
}

TEST(IscsiName, with_upper_case_or_underscore_is_taken) {
    EXPECT_TRUE(check_name("IQN.2001-04.com.example:Disk_1").ok());
}

TEST(IscsiName, has_at_most_223_bytes) {
    const std::string longest = "iqn.2001-04.com.example:" + std::string(199, 'a');
    ASSERT_EQ(longest.size(), 223u);
    EXPECT_TRUE(check_name(longest).ok());
    EXPECT_EQ(check_name(longest + "a").problem, NameProblem::too_long);
}

TEST(IscsiName, of_type_iqn_has_a_year_a_month_and_an_authority) {
    const auto problem = [](std::string_view name) { return check_name(name).problem; };
    for (const char* date : {"a001-04", "2a01-04", "20a1-04", "200a-04", "2001.04", "2001-a4",
                             "2001-0a", "2001-00", "2001-13", "2001-0", ""}) {
        EXPECT_EQ(problem("iqn." + std::string(date) + ".com.example:disk"), NameProblem::bad_date)
            << date;
    }
    EXPECT_EQ(problem("iqn.2001-01.a"), NameProblem::none);
    EXPECT_EQ(problem("iqn.2001-12.a:"), NameProblem::none);
    EXPECT_EQ(problem("iqn.2001-12."), NameProblem::no_authority);
    EXPECT_EQ(problem("iqn.2001-12:a.b"), NameProblem::no_authority);
    EXPECT_EQ(problem("iqn.2001-12-com"), NameProblem::no_authority);
    for (const char* cut : {"iqn.", "iqn.2", "iqn.2001", "iqn.2001-", "iqn.2001-1"})
        EXPECT_EQ(problem(cut), NameProblem::bad_date) << cut;
}

TEST(IscsiName, that_has_a_wrong_character_says_where) {
    for (const char wrong : {' ', '/', '=', '@', '[', '`', '{', ';', '\n', '\0'}) {
        const auto check = check_name("iqn.2001-04.com.example:a" + std::string(1, wrong) + "b");
        EXPECT_EQ(check.problem, NameProblem::bad_character) << int{wrong};
        EXPECT_EQ(check.position, 25u);
    }
    EXPECT_EQ(check_name("/iqn.2001-04.com.example").problem, NameProblem::bad_character);
    EXPECT_EQ(check_name("/iqn.2001-04.com.example").position, 0u);
}

TEST(IscsiName, of_type_eui_has_no_32_digits) {
    EXPECT_EQ(check_name("eui.62004567BA64678D0123456789ABCDEF").problem, NameProblem::bad_digits);
    EXPECT_EQ(check_name("naa.").problem, NameProblem::bad_digits);
}

}  // namespace
}  // namespace bootwire::iscsi
