#include "plan/require_name.h"

#include <gtest/gtest.h>

namespace bootwire::plan {
namespace {

TEST(IscsiName, that_is_one_is_taken) {
    EXPECT_TRUE(require_name("target name", "iqn.2001-04.com.example:a:b"));
}

TEST(IscsiName, that_is_refused_says_what_which_and_what_is_expected) {
    const auto status = require_name("target name", "iqn.2001-04.com.example:my disk");
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().what.find("target name \"iqn.2001-04.com.example:my disk\""),
              std::string::npos);
    EXPECT_NE(status.error().what.find("' ' at place 27"), std::string::npos)
        << status.error().what;
    EXPECT_NE(status.error().hint.find("iqn.YYYY-MM"), std::string::npos);
}

}  // namespace
}  // namespace bootwire::plan
