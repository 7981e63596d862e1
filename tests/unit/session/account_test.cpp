#include "session/account.h"

#include <gtest/gtest.h>

namespace bootwire::session {
namespace {

TEST(LoginSettings, have_a_challenge_of_their_own_each_time) {
    Account account;
    account.chap = plan::ChapLogin{"pi", plan::Secret("secret of the pi")};
    account.mutual_chap = plan::ChapLogin{"target", plan::Secret("secret of the target")};
    // Two logins that go on side by side, and one after them.
    const auto first = login_settings(account), second = login_settings(account);
    EXPECT_NE(first.random.challenge, second.random.challenge);
    const auto third = login_settings(account);
    EXPECT_NE(third.random.challenge, first.random.challenge);
    EXPECT_NE(third.random.challenge, second.random.challenge);
}

}  // namespace
}  // namespace bootwire::session
