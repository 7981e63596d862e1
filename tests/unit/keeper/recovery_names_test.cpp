// Portals with names: when an attempt's time begins, and which of a name's addresses it goes to.
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

class NamedPortal : public RecoveryTest {
  protected:
    NamedPortal() : RecoveryTest({{std::string("nas.lan"), 3260}}) {}
};

TEST_F(NamedPortal, is_waited_for_since_the_moment_that_it_is_connected_to) {
    recovery_.on_lost("closed", now_);
    const Milliseconds patience = *recovery_.next_deadline() - now_;
    now_ += 3s;
    recovery_.on_connecting(now_);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + patience);
}

TEST_F(NamedPortal, is_asked_at_the_address_where_the_session_was_and_then_at_the_next) {
    EXPECT_TRUE(first<Connect>(recovery_.on_lost("closed", now_))->same_address);
    recovery_.on_connect_failed("nothing listens", now_);
    EXPECT_FALSE(first<Connect>(wait_for_timer())->same_address);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_TRUE(first<Connect>(recovery_.on_lost("closed", now_))->same_address);
}

TEST_F(NamedPortal, is_not_to_blame_for_an_address_of_our_own_that_changes) {
    recovery_.on_renew("address", now_);
    EXPECT_TRUE(first<Connect>(recovery_.on_renew("address", now_))->same_address);
}

TEST_F(NamedPortal, that_never_had_an_address_is_given_up_like_one_that_does_not_answer) {
    recovery_.on_lost("closed", now_);
    EXPECT_EQ(count<Disconnect>(wait_for_timer()), 1u) << "the look-up goes on without it";
    recovery_.on_connect_failed("DNS does not tell the address of nas.lan", now_);
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
    recovery_.on_connecting(now_ + 1ms);
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
}

}  // namespace
}  // namespace bootwire::keeper
