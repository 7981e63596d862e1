#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

class TwoPortals : public RecoveryTest {
  protected:
    TwoPortals() : RecoveryTest({first_portal, second_portal}) {}
};

TEST_F(TwoPortals, asks_the_next_portal_at_once_and_then_the_first_again) {
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, first_portal);
    const auto second = recovery_.on_connect_failed("refused", now_);
    ASSERT_EQ(count<Connect>(second), 1u);
    EXPECT_EQ(first<Connect>(second)->portal, second_portal);
    EXPECT_EQ(count<Connect>(recovery_.on_connect_failed("refused", now_)), 0u);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 1s);
    const auto third = recovery_.on_timer(*recovery_.next_deadline());
    EXPECT_EQ(first<Connect>(third)->portal, first_portal);
}

TEST_F(TwoPortals, share_the_time_for_which_one_is_waited_for) {
    recovery_.on_lost("no ping", now_);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 2s);
    EXPECT_EQ(first<Connect>(wait_for_timer())->portal, second_portal);
}

TEST_F(TwoPortals, begins_where_the_session_was) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connect_failed("refused", now_);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, second_portal);
}

TEST_F(TwoPortals, a_portal_that_carries_logins_and_no_data_does_not_keep_the_session) {
    recovery_.on_lost("no ping", now_);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 10s;
    const auto actions = recovery_.on_lost("no ping", now_);
    EXPECT_EQ(first<Connect>(actions)->portal, second_portal);
    EXPECT_FALSE(first<Connect>(actions)->same_address);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, second_portal);
}

TEST_F(TwoPortals, are_asked_where_the_session_was_if_the_portal_is_not_to_blame) {
    recovery_.on_lost("closed", now_);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 5s;
    iscsi::AsyncMessagePdu message;
    message.event = 1;  // log out
    const iscsi::Bhs bhs = message.encode();
    recovery_.on_pdu({bhs, {}}, now_);
    const iscsi::Bhs response = iscsi::LogoutResponsePdu{}.encode();
    EXPECT_EQ(first<Connect>(recovery_.on_pdu({response, {}}, now_))->portal, first_portal);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 5s;
    EXPECT_EQ(first<Connect>(recovery_.on_renew("our address has changed", now_))->portal,
              first_portal);
}

TEST_F(TwoPortals, are_not_equally_slow) {
    recovery_.on_lost("closed", now_);
    for (const Milliseconds patience : {5s, 10s, 20s}) {
        EXPECT_EQ(recovery_.portal(), first_portal);
        recovery_.on_connected(now_);
        expect_patience(patience);
        wait_for_timer();
        EXPECT_EQ(recovery_.portal(), second_portal) << "at once";
        recovery_.on_connect_failed("nothing listens", now_);
        wait_for_timer();
    }
}

TEST_F(TwoPortals, a_portal_that_refuses_does_not_hold_up_the_other) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 100; ++i) {
        if (recovery_.portal() == first_portal) {
            recovery_.on_connected(now_);
            answer(2, 3);  // not found
        } else {
            recovery_.on_connect_failed("refused", now_);
        }
        if (recovery_.state() == Recovery::State::connecting) continue;
        const Moment before = now_;
        EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
        EXPECT_LE(now_ - before, 1s);
    }
}

class LearntPortals : public RecoveryTest {
  protected:
    const plan::Portal learnt_portal{IpAddress::v4(10, 0, 0, 8), 3260};
    const plan::Portal other_learnt_portal{IpAddress::v4(10, 0, 0, 9), 3260};
};

TEST_F(LearntPortals, are_tried_one_each_time_that_all_others_have_been) {
    Recovery recovery(account_, {first_portal, second_portal}, [] { return 0u; });
    const auto told = recovery.learn({second_portal, learnt_portal, other_learnt_portal});
    EXPECT_EQ(count<RecoveryEvent>(told), 2u) << "the operator's own are no news";
    std::vector<plan::Portal> tried;
    for (auto actions = recovery.on_lost("closed", now_); tried.size() < 7;) {
        if (const auto* connect = first<Connect>(actions)) tried.push_back(connect->portal);
        now_ = *recovery.next_deadline();
        actions = recovery.on_timer(now_);  // nobody answers anywhere
    }
    EXPECT_EQ(tried, (std::vector{first_portal, second_portal, learnt_portal, first_portal,
                                  second_portal, other_learnt_portal, first_portal}));
}

TEST_F(LearntPortals, that_lead_nowhere_delay_the_operators_by_a_second) {
    for (uint8_t i = 0; i < 8; ++i)
        recovery_.learn({{IpAddress::v4(10, 0, 1, i), 3260}});
    auto actions = recovery_.on_lost("closed", now_);
    Moment last = now_;
    for (int i = 0; i < 200; ++i) {
        const auto* connect = first<Connect>(actions);
        if (connect != nullptr && connect->portal == first_portal) {
            EXPECT_LE(now_ - last, 2s);
            last = now_;
            actions = recovery_.on_connect_failed("refused", now_);
        } else {
            now_ = *recovery_.next_deadline();
            actions = recovery_.on_timer(now_);
        }
    }
}

TEST_F(LearntPortals, that_refuse_do_not_hold_up_the_operators) {
    recovery_.learn({learnt_portal});
    auto actions = recovery_.on_lost("closed", now_);
    const Moment end = now_ + 60s;
    int named = 0, learnt = 0;
    while (now_ < end) {
        const auto* connect = first<Connect>(actions);
        if (connect == nullptr) {
            now_ = *recovery_.next_deadline();
            actions = recovery_.on_timer(now_);
        } else if (connect->portal == first_portal) {
            ++named;
            actions = recovery_.on_connect_failed("nothing listens", now_);
        } else {
            ++learnt;
            recovery_.on_connected(now_);
            actions = answer(2, 2);  // not authorised
        }
    }
    EXPECT_GE(named, 55);
    EXPECT_GE(learnt, 4);
    EXPECT_LE(learnt, 8);
}

TEST_F(LearntPortals, bring_the_session_back_and_are_asked_first_after_that) {
    recovery_.learn({learnt_portal});
    recovery_.on_lost("closed", now_);
    const auto actions = recovery_.on_connect_failed("nothing listens", now_);
    EXPECT_EQ(first<Connect>(actions)->portal, learnt_portal);
    log_in();
    const auto back = recovery_.on_started({}, now_);
    EXPECT_EQ(first<Recovered>(back)->portal, learnt_portal);
    now_ += 60s;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, learnt_portal);
}

}  // namespace
}  // namespace bootwire::keeper
