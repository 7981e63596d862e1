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

TEST_F(TwoPortals, a_portal_that_answers_for_ever_does_not_keep_us_from_the_other) {
    recovery_.on_lost("closed", now_);
    RecoveryActions actions = recovery_.on_connected(now_);
    const Moment began = now_;
    while (count<Connect>(actions) == 0 && now_ < began + 5min) {
        if (const auto* sent = first<SendPdu>(actions)) {
            iscsi::LoginResponsePdu response;
            response.continues = true;  // and on and on
            response.task_tag = iscsi::LoginRequestPdu::decode(sent->header)->task_tag;
            now_ += 3s;
            if (now_ < *recovery_.next_deadline()) {
                actions = recovery_.on_pdu({response.encode(), {}}, now_);
                continue;
            }
        }
        actions = wait_for_timer();
    }
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, second_portal);
    EXPECT_LE(now_ - began, 25s);
    EXPECT_NE(recovery_.trouble().find("does not come to an end"), std::string::npos);
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

/// What a stranger may say before he has proved anything.
class Redirections : public RecoveryTest {
  protected:
    explicit Redirections(std::vector<plan::Portal> portals = {first_portal})
        : RecoveryTest(std::move(portals)) {}

    /// To another place each time.
    RecoveryActions redirect(bool for_good = true) {
        ++places_;
        return redirect_to("10.9." + std::to_string(places_ / 250) + "." +
                               std::to_string(places_ % 250 + 1) + ":3260,1",
                           for_good);
    }
    RecoveryActions redirect_to(const std::string& address, bool for_good = true) {
        const std::string text = "TargetAddress=" + address + '\0';
        return answer(1, for_good ? 2 : 1, text);
    }
    void note_lines(const RecoveryActions& actions) {
        for (const RecoveryAction& action : actions) {
            if (const auto* event = std::get_if<RecoveryEvent>(&action))
                lines_.push_back(event->text);
        }
    }
    /// Whoever takes a connection redirects, for this long.
    void be_redirected_for(Milliseconds time, bool for_good = true) {
        const Moment end = now_ + time;
        while (now_ < end) {
            if (recovery_.state() == Recovery::State::connecting) {
                tried_.push_back(recovery_.portal());
                recovery_.on_connected(now_);
                note_lines(redirect(for_good));
            } else {
                note_lines(wait_for_timer());
            }
        }
    }
    size_t tries_of(const plan::Portal& portal) const {
        return static_cast<size_t>(std::ranges::count(tried_, portal));
    }

    unsigned places_ = 0;
    std::vector<plan::Portal> tried_;
    std::vector<std::string> lines_;
};

TEST_F(Redirections, of_somebody_who_proves_nothing_do_not_cost_the_operators_portal) {
    account_.chap = plan::ChapLogin{"pi", plan::Secret("0123456789abc")};
    account_.mutual_chap = plan::ChapLogin{"nas", plan::Secret("cba9876543210")};
    recovery_.on_lost("closed", now_);
    be_redirected_for(3s);
    now_ += 60s;
    recovery_.on_timer(now_);  // the rogue has gone, and nobody is anywhere else
    for (int i = 0; i < 40; ++i) {
        if (recovery_.state() == Recovery::State::connecting) {
            EXPECT_EQ(recovery_.portal(), first_portal);
        }
        wait_for_timer();
    }
}

TEST_F(Redirections, that_lead_nowhere_are_followed_less_and_less_often) {
    recovery_.on_lost("closed", now_);
    be_redirected_for(300s);
    EXPECT_GE(tries_of(first_portal), 10u);
    EXPECT_LE(tries_of(first_portal), 16u) << "1 s, 2 s, … 30 s between them";
    EXPECT_LE(tried_.size(), 9 * tries_of(first_portal));
}

TEST_F(Redirections, to_where_nobody_is_are_followed_less_and_less_often) {
    recovery_.on_lost("closed", now_);
    size_t tries = 0;
    const Moment end = now_ + 300s;
    while (now_ < end) {
        if (recovery_.state() == Recovery::State::connecting &&
            recovery_.portal() == first_portal) {
            ++tries;
            recovery_.on_connected(now_);
            note_lines(redirect(false));
        } else {
            note_lines(wait_for_timer());
        }
    }
    EXPECT_GE(tries, 10u);
    EXPECT_LE(tries, 16u);
    EXPECT_LE(lines_.size(), 10u);
}

TEST_F(Redirections, are_told_once_a_minute) {
    recovery_.on_lost("closed", now_);
    be_redirected_for(300s);
    EXPECT_LE(lines_.size(), 1 + 5u) << "that they lead nowhere, and five of them";
    EXPECT_NE(lines_.front().find("10.0.0.1:3260 redirects to 10.9.0.2:3260"), std::string::npos);
    EXPECT_NE(lines_.back().find(" more since"), std::string::npos);
}

TEST_F(Redirections, are_remembered_if_the_session_came_back_there) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    redirect_to("10.0.0.2:3260,1");
    recovery_.on_connect_failed("nothing listens", now_);
    wait_for_timer();
    EXPECT_EQ(recovery_.portal(), first_portal) << "not yet";
    recovery_.on_connected(now_);
    redirect_to("10.0.0.2:3260,1");
    log_in();
    recovery_.on_started(fail("no"), now_);
    wait_for_timer();
    EXPECT_EQ(recovery_.portal(), first_portal) << "not yet";
    recovery_.on_connected(now_);
    redirect_to("10.0.0.2:3260,1");
    log_in();
    recovery_.on_started({}, now_);
    now_ += 60s;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, second_portal);
}

TEST_F(Redirections, are_not_remembered_where_only_named_portals_count) {
    recovery_.keep_to_named_portals();
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    redirect_to("10.0.0.2:3260,1");
    EXPECT_EQ(recovery_.portal(), second_portal);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 60s;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, first_portal);
}

TEST_F(Redirections, to_this_machine_or_to_many_at_once_are_a_refusal) {
    for (const char* address :
         {"127.0.0.1:3260,1", "224.0.0.1:3260,1", "255.255.255.255:3260,1", "0.0.0.0:3260,1",
          "[::1]:3260,1", "[ff02::1]:3260,1", "[::ffff:127.0.0.1]:3260,1", "[::]:3260,1"}) {
        Recovery recovery(account_, {first_portal}, [] { return 40u; });
        recovery.on_lost("closed", now_);
        recovery.on_connected(now_);
        iscsi::LoginResponsePdu response;
        response.status_class = response.status_detail = 1;
        const iscsi::Bhs bhs = response.encode();
        const std::string text = std::string("TargetAddress=") + address + '\0';
        EXPECT_EQ(count<Connect>(recovery.on_pdu({bhs, bytes_of(text)}, now_)), 0u) << address;
        EXPECT_EQ(recovery.state(), Recovery::State::waiting) << address;
    }
}

class Announcements : public Redirections {};

TEST_F(Announcements, without_end_are_a_line_a_minute_for_each_kind) {
    iscsi::AsyncMessagePdu message;
    message.event = 255;  // the vendor's own
    const iscsi::Bhs bhs = message.encode();
    for (int i = 0; i < 1200; ++i) {
        note_lines(recovery_.on_pdu({bhs, {}}, now_));
        now_ += 100ms;
    }
    ASSERT_EQ(lines_.size(), 2u);
    EXPECT_NE(lines_[1].find("599 more"), std::string::npos) << lines_[1];
    message.event = 5;
    const iscsi::Bhs other = message.encode();
    note_lines(recovery_.on_pdu({other, {}}, now_));
    EXPECT_EQ(lines_.size(), 3u) << "of another kind";
}

class ManyNamedPortals : public Redirections {
  protected:
    static std::vector<plan::Portal> named() {
        std::vector<plan::Portal> portals;
        for (uint8_t i = 1; i <= 10; ++i)
            portals.push_back({IpAddress::v4(10, 0, 0, i), 3260});
        return portals;
    }
    ManyNamedPortals() : Redirections(named()) {}
};

TEST_F(ManyNamedPortals, are_tried_however_often_a_target_has_moved_for_good) {
    for (uint8_t i = 1; i <= 40; ++i) {
        recovery_.learn({{IpAddress::v4(10, 0, 1, i), 3260}});
        recovery_.on_lost("closed", now_);
        recovery_.on_connected(now_);
        redirect();
        log_in();
        recovery_.on_started({}, now_);
        now_ += 60s;
    }
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 100; ++i) {
        if (recovery_.state() == Recovery::State::connecting) tried_.push_back(recovery_.portal());
        wait_for_timer();
    }
    for (const plan::Portal& portal : named())
        EXPECT_GE(tries_of(portal), 2u) << portal.to_string();
    std::ranges::sort(tried_, {}, &plan::Portal::to_string);
    const auto same = std::ranges::unique(tried_);
    EXPECT_LE(tried_.end() - tried_.begin() - std::ssize(same), 16)
        << "and there is an end to them";
}

}  // namespace
}  // namespace bootwire::keeper
