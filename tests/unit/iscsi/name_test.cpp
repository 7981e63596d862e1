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

}  // namespace
}  // namespace bootwire::iscsi
