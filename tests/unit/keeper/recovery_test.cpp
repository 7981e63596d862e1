#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

TEST_F(RecoveryTest, connects_at_once_after_a_loss_and_stops_the_kernel_first) {
    const auto actions = recovery_.on_lost("closed", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    const auto is_stop = [](const auto& a) { return std::holds_alternative<StopConnection>(a); };
    const auto is_connect = [](const auto& a) { return std::holds_alternative<Connect>(a); };
    EXPECT_LT(std::ranges::find_if(actions, is_stop), std::ranges::find_if(actions, is_connect));
    EXPECT_EQ(first<Connect>(actions)->portal, first_portal);
}

TEST_F(RecoveryTest, ends_with_the_session_established_and_tells_how_long_it_took) {
    recovery_.on_lost("closed", now_);
    now_ += 3s;
    log_in();
    const auto actions = recovery_.on_started({}, now_);
    ASSERT_EQ(count<Recovered>(actions), 1u);
    EXPECT_EQ(first<Recovered>(actions)->outage, 3s);
    EXPECT_EQ(recovery_.state(), Recovery::State::established);
    EXPECT_FALSE(recovery_.next_deadline());
}

TEST_F(RecoveryTest, asks_every_second_at_most_while_nothing_answers) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 100; ++i) {
        recovery_.on_connect_failed("refused", now_);
        const Moment before = now_;
        EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
        EXPECT_LE(now_ - before, 1s);
    }
}

TEST_F(RecoveryTest, gives_up_a_connection_attempt_that_nobody_answers) {
    recovery_.on_lost("closed", now_);
    const auto actions = wait_for_timer();
    EXPECT_EQ(count<Disconnect>(actions), 1u);
    EXPECT_EQ(count<Connect>(actions), 1u) << "the next one is overdue";
}

TEST_F(RecoveryTest, backs_off_to_30_seconds_when_the_target_refuses) {
    recovery_.on_lost("closed", now_);
    Milliseconds pause{0};
    for (int i = 0; i < 10; ++i) {
        recovery_.on_connected(now_);
        const auto actions = answer(3, 1);  // service unavailable
        EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
        const Moment before = now_;
        wait_for_timer();
        EXPECT_GE(now_ - before, std::min<Milliseconds>(pause, 18s));
        pause = now_ - before;
    }
    EXPECT_EQ(pause, 30s);
}

TEST_F(RecoveryTest, tells_the_same_trouble_once) {
    recovery_.on_lost("closed", now_);
    size_t lines = 0;
    for (int i = 0; i < 10; ++i) {
        lines += count<RecoveryEvent>(recovery_.on_connect_failed("nothing listens", now_));
        wait_for_timer();
    }
    EXPECT_EQ(lines, 1u);
}

TEST_F(RecoveryTest, follows_a_redirection_without_a_pause) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    static constexpr char target_address[] = "TargetAddress=10.0.0.9:3261,1";
    const auto actions = answer(1, 1, std::string_view(target_address, sizeof target_address));
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal.to_string(), "10.0.0.9:3261");
}

TEST_F(RecoveryTest, does_not_follow_redirections_in_a_circle) {
    recovery_.on_lost("closed", now_);
    static constexpr char target_address[] = "TargetAddress=10.0.0.1:3260,1";
    for (int i = 0; i < 20 && recovery_.state() == Recovery::State::connecting; ++i) {
        recovery_.on_connected(now_);
        answer(1, 1, std::string_view(target_address, sizeof target_address));
    }
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
}

TEST_F(RecoveryTest, leaves_the_target_alone_for_as_long_as_it_asks) {
    iscsi::AsyncMessagePdu message;
    message.event = 3;               // drops all connections
    message.parameters = {0, 7, 0};  // Time2Wait 7 s
    const iscsi::Bhs bhs = message.encode();
    EXPECT_EQ(count<Connect>(recovery_.on_pdu({bhs, {}}, now_)), 0u);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 7s);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

TEST_F(RecoveryTest, logs_out_when_the_target_asks_for_it_or_to_negotiate_and_comes_back) {
    for (const uint8_t event : {1, 4}) {
        iscsi::AsyncMessagePdu message;
        message.event = event;
        message.parameters = {0, 0, 3};
        const iscsi::Bhs bhs = message.encode();
        const auto actions = recovery_.on_pdu({bhs, {}}, now_);
        ASSERT_EQ(count<SendPdu>(actions), 1u);
        EXPECT_TRUE(iscsi::LogoutRequestPdu::decode(first<SendPdu>(actions)->header));
        EXPECT_EQ(*recovery_.next_deadline(), now_ + 3s);
        const iscsi::Bhs response = iscsi::LogoutResponsePdu{}.encode();
        EXPECT_EQ(count<Connect>(recovery_.on_pdu({response, {}}, now_)), 1u);
        log_in();
        recovery_.on_started({}, now_);
        now_ += 2s;
    }
}

TEST_F(RecoveryTest, does_not_log_out_while_commands_are_under_way_which_the_target_might_fail) {
    iscsi::AsyncMessagePdu message;
    message.event = 1;
    message.parameters = {0, 0, 3};
    const auto actions = recovery_.on_pdu({message.encode(), {}}, now_, true);
    EXPECT_EQ(count<SendPdu>(actions), 0u);
    EXPECT_GE(count<StopConnection>(actions), 1u) << "the kernel sends them again";
    EXPECT_EQ(count<Connect>(actions), 1u);
    EXPECT_NE(recovery_.loss().find("commands are under way"), std::string::npos);
}

TEST_F(RecoveryTest, comes_back_from_a_logout_that_nobody_answers) {
    iscsi::AsyncMessagePdu message;
    message.event = 1;
    const iscsi::Bhs bhs = message.encode();
    recovery_.on_pdu({bhs, {}}, now_);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

TEST_F(RecoveryTest, tries_soon_when_the_network_is_back) {
    recovery_.on_lost("no ping", now_);
    recovery_.on_connect_failed("no route", now_);
    recovery_.on_network_back(now_);
    EXPECT_LE(*recovery_.next_deadline(), now_ + 400ms);
    recovery_.on_network_back(now_ + 100ms);
    EXPECT_LE(*recovery_.next_deadline(), now_ + 400ms) << "more news of it put nothing off";
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

TEST_F(RecoveryTest, begins_a_login_anew_that_stands_still_when_the_network_is_back) {
    recovery_.on_lost("no ping", now_);
    recovery_.on_connected(now_);
    EXPECT_TRUE(recovery_.on_network_back(now_ + 1s).empty()) << "it may still be answered";
    EXPECT_EQ(recovery_.state(), Recovery::State::logging_in);
    now_ += 3s;
    EXPECT_EQ(count<Disconnect>(recovery_.on_network_back(now_)), 1u);
    EXPECT_LE(*recovery_.next_deadline(), now_ + 400ms);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
    log_in();
}

TEST_F(RecoveryTest, leaves_a_target_alone_that_has_refused_when_the_network_is_back) {
    recovery_.on_lost("no ping", now_);
    for (int i = 0; i < 5; ++i) {
        recovery_.on_connected(now_);
        answer(3, 1);  // service unavailable
        if (i < 4) wait_for_timer();
    }
    const Moment until = *recovery_.next_deadline();
    EXPECT_TRUE(recovery_.on_network_back(now_).empty());
    EXPECT_EQ(*recovery_.next_deadline(), until);
}

TEST_F(RecoveryTest, does_not_come_back_at_the_same_moment_as_all_others) {
    std::vector<Moment> patience, after_silence, after_network;
    for (uint32_t number : {0u, 10u, 20u, 30u}) {
        Recovery recovery(account_, {first_portal}, [number] { return number; });
        recovery.on_lost("no ping", now_);
        recovery.on_connected(now_);
        patience.push_back(*recovery.next_deadline());
        const Moment late = patience.back();
        recovery.on_timer(late);
        EXPECT_EQ(recovery.state(), Recovery::State::waiting) << "for its next turn";
        EXPECT_LE(*recovery.next_deadline(), late + 1s);
        after_silence.push_back(*recovery.next_deadline() - (late - now_));
        recovery.on_network_back(late);
        after_network.push_back(*recovery.next_deadline() - (late - now_));
    }
    for (auto* moments : {&patience, &after_silence, &after_network})
        EXPECT_EQ(std::ranges::adjacent_find(*moments), moments->end());
}

TEST_F(RecoveryTest, keeps_the_pause_that_the_target_asked_for_when_the_network_is_back) {
    iscsi::AsyncMessagePdu message;
    message.event = 3;
    message.parameters = {0, 7, 0};
    const iscsi::Bhs bhs = message.encode();
    recovery_.on_pdu({bhs, {}}, now_);
    EXPECT_EQ(count<Connect>(recovery_.on_network_back(now_ + 1s)), 0u);
}

TEST_F(RecoveryTest, begins_anew_when_its_own_address_has_changed) {
    EXPECT_EQ(count<Connect>(recovery_.on_renew("address", now_)), 1u);
    EXPECT_EQ(count<Connect>(recovery_.on_renew("address", now_)), 1u) << "while connecting";
    recovery_.on_connected(now_);
    EXPECT_EQ(count<Connect>(recovery_.on_renew("address", now_)), 1u) << "during the login";
    log_in();
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

TEST_F(RecoveryTest, does_not_take_a_login_that_breaks_off_for_a_refusal) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 20; ++i) {
        recovery_.on_connected(now_);
        recovery_.on_lost("reset", now_);
        const Moment before = now_;
        EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
        EXPECT_LE(now_ - before, 1s);
    }
}

TEST_F(RecoveryTest, makes_a_pause_when_the_session_is_lost_as_soon_as_it_is_there) {
    for (int i = 0; i < 10; ++i) {
        recovery_.on_lost("reset", now_);
        if (recovery_.state() == Recovery::State::waiting) {
            EXPECT_EQ(*recovery_.next_deadline(), now_ + 1s);
            wait_for_timer();
        } else {
            EXPECT_EQ(i, 0);
        }
        log_in();
        recovery_.on_started({}, now_);
    }
}

TEST_F(RecoveryTest, gives_a_slow_target_more_time_with_each_attempt) {
    recovery_.on_lost("closed", now_);
    for (const Milliseconds patience : {5s, 10s, 20s, 30s, 30s}) {
        recovery_.on_connected(now_);
        expect_patience(patience);
        EXPECT_EQ(count<Disconnect>(wait_for_timer()), 1u);
        EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
    }
}

TEST_F(RecoveryTest, does_not_take_a_host_that_was_away_for_the_one_that_was_slow) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 3; ++i) {
        recovery_.on_connected(now_);
        wait_for_timer();
        wait_for_timer();
    }
    wait_for_timer();  // now nobody takes the connection
    if (recovery_.state() == Recovery::State::waiting) wait_for_timer();
    recovery_.on_connected(now_);
    expect_patience(5s);
}

TEST_F(RecoveryTest, finds_back_from_where_it_was_sent_for_good) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    static constexpr char target_address[] = "TargetAddress=10.0.0.2:3260,1";
    answer(1, 2, std::string_view(target_address, sizeof target_address));
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, second_portal);
    const auto actions = recovery_.on_connect_failed("nothing listens", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, first_portal);
}

TEST_F(RecoveryTest, tries_md5_alone_when_the_target_closes_on_a_list) {
    account_.chap = plan::ChapLogin{"user", plan::Secret("0123456789abc")};
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    static constexpr char auth_method[] = "AuthMethod=CHAP";
    iscsi::LoginResponsePdu response;
    const iscsi::Bhs bhs = response.encode();
    const Bytes text(reinterpret_cast<const uint8_t*>(auth_method), sizeof auth_method);
    ASSERT_EQ(count<SendPdu>(recovery_.on_pdu({bhs, text}, now_)), 1u);
    const auto actions = recovery_.on_lost("closed", now_);
    EXPECT_EQ(count<Connect>(actions), 1u);
    ASSERT_EQ(count<RecoveryEvent>(actions), 1u);
    EXPECT_NE(first<RecoveryEvent>(actions)->text.find("MD5 alone"), std::string::npos);
}

TEST_F(RecoveryTest, passes_over_what_it_did_not_ask_for) {
    const iscsi::Bhs login = iscsi::LoginResponsePdu{}.encode();
    EXPECT_TRUE(recovery_.on_pdu({login, {}}, now_).empty());
    EXPECT_TRUE(recovery_.on_connected(now_).empty());
    EXPECT_TRUE(recovery_.on_started({}, now_).empty());
    EXPECT_TRUE(recovery_.on_timer(now_).empty());
    EXPECT_EQ(recovery_.state(), Recovery::State::established);
}

TEST_F(RecoveryTest, survives_a_second_loss_in_the_middle_of_the_login) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    EXPECT_EQ(count<Connect>(recovery_.on_lost("closed again", now_)), 0u);
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
    log_in();
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

TEST_F(RecoveryTest, starts_over_when_the_kernel_does_not_start_the_session) {
    recovery_.on_lost("closed", now_);
    log_in();
    const auto actions = recovery_.on_started(fail("no"), now_);
    EXPECT_EQ(count<Recovered>(actions), 0u);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

}  // namespace
}  // namespace bootwire::keeper
