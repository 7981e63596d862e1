#include "plan/keys.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "plan/command_line.h"

namespace bootwire::plan {
namespace {

TEST(Keys, say_everything_that_a_person_needs) {
    for (const KeyInfo& key : keys()) {
        EXPECT_FALSE(key.meaning.empty()) << key.name;
        EXPECT_FALSE(key.form.empty()) << key.name;
        EXPECT_FALSE(key.fallback.empty()) << key.name;
        EXPECT_EQ(key.example.empty(), key.secret) << key.name;
        EXPECT_EQ(find_key(key.name), &key);
    }
}

TEST(Keys, that_are_secret_have_names_that_the_kernel_blanks) {
    for (const KeyInfo& key : keys())
        EXPECT_EQ(key.secret, is_secret_parameter(key.name)) << key.name;
}

TEST(Keys, are_guessed_from_misspelt_names) {
    EXPECT_EQ(nearest_key("iscsi.tarket"), "iscsi.target");
    EXPECT_EQ(nearest_key("iscsi.Mode"), "iscsi.mode");
    EXPECT_EQ(nearest_key("iscsi.user_name"), "iscsi.username");
    EXPECT_EQ(nearest_key("iscsi.password_in"), "iscsi.mutual.password");
    EXPECT_EQ(nearest_key("iscsi.username-in"), "iscsi.mutual.username");
    EXPECT_EQ(nearest_key("iscsi.somethingelse"), "");
    EXPECT_EQ(nearest_key(std::string(10'000, 'x')), "");
}

TEST(Keys, page_in_docs_is_made_from_the_table) {
    if (std::getenv("BOOTWIRE_RENEW") != nullptr) std::ofstream(SETTINGS_PAGE) << settings_page();
    std::ifstream file(SETTINGS_PAGE);
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(page, settings_page())
        << "run test_plan with BOOTWIRE_RENEW=1 in the environment to write docs/settings.md anew";
}

}  // namespace
}  // namespace bootwire::plan
