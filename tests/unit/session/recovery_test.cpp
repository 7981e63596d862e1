#include "session/recovery.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "iscsi/pdu.h"

namespace bootwire::session {
namespace {

using namespace std::chrono_literals;

const plan::Portal kFirst{IpAddress::v4(10, 0, 0, 1), 3260};
const plan::Portal kSecond{IpAddress::v4(10, 0, 0, 2), 3260};

Account account() {
    Account account;
    account.initiator = "iqn.2026-11.local.bootwire:test";
    account.target = "iqn.2026-11.local.bootwire:disk";
    return account;
}

template <class Action>
size_t count(const RecoveryActions& actions) {
    return static_cast<size_t>(std::ranges::count_if(
        actions, [](const auto& action) { return std::holds_alternative<Action>(action); }));
}

template <class Action>
const Action* first(const RecoveryActions& actions) {
    for (const RecoveryAction& action : actions) {
        if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
}

class RecoveryTest : public testing::Test {
  protected:
    explicit RecoveryTest(std::vector<plan::Portal> portals = {kFirst})
        : recovery_(account_, std::move(portals), [] { return 40u; }) {}  // no jitter: 60 + 40 %

    /// A login response as a target gives it that takes every offer as it is.
    RecoveryActions answer(uint8_t status_class = 0, uint8_t status_detail = 0,
                           std::string_view text = {}) {
        iscsi::LoginResponsePdu response;
        response.transit = status_class == 0;
        response.current = stage_;
        response.next = iscsi::Stage::full_feature;
        response.tsih = 1;
        response.status_class = status_class;
        response.status_detail = status_detail;
        const iscsi::Bhs bhs = response.encode();
        return recovery_.on_pdu(
            {bhs, Bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size())}, now_);
    }

    /// Follows the login until the kernel is to start the session; the target has no opinion.
    void log_in() {
        RecoveryActions actions = recovery_.on_connected(now_);
        for (int i = 0; i < 4; ++i) {
            const auto* sent = first<SendPdu>(actions);
            if (sent == nullptr) break;
            const auto request = iscsi::LoginRequestPdu::decode(sent->header);
            ASSERT_TRUE(request);
            EXPECT_EQ(request->tsih, 0) << "a session of its own, which reinstates the lost one";
            iscsi::LoginResponsePdu response;
            response.transit = request->transit;
            response.current = request->current;
            response.next = request->next;
            response.tsih = 7;
            const iscsi::Bhs bhs = response.encode();
            static constexpr char kSecurity[] = "AuthMethod=None";
            static constexpr char kOperational[] =
                "HeaderDigest=None\0DataDigest=None\0InitialR2T=Yes\0ImmediateData=Yes\0"
                "MaxBurstLength=262144\0FirstBurstLength=65536\0DefaultTime2Wait=2\0"
                "DefaultTime2Retain=0\0MaxOutstandingR2T=1\0DataPDUInOrder=Yes\0"
                "DataSequenceInOrder=Yes\0ErrorRecoveryLevel=0\0MaxConnections=1";
            const bool security = request->current == iscsi::Stage::security;
            const Bytes text(reinterpret_cast<const uint8_t*>(security ? kSecurity : kOperational),
                             security ? sizeof kSecurity : sizeof kOperational);
            actions = recovery_.on_pdu({bhs, text}, now_);
        }
        EXPECT_EQ(count<Start>(actions), 1u);
        EXPECT_EQ(recovery_.state(), Recovery::State::starting);
    }

    RecoveryActions wait_for_timer() {
        EXPECT_TRUE(recovery_.next_deadline());
        now_ = *recovery_.next_deadline();
        return recovery_.on_timer(now_);
    }

    Account account_ = account();
    Moment now_ = 100s;
    iscsi::Stage stage_ = iscsi::Stage::security;
    Recovery recovery_;
};

class TwoPortals : public RecoveryTest {
  protected:
    TwoPortals() : RecoveryTest({kFirst, kSecond}) {}
};

/// A disk that is held: login and reservation run over the socket itself.
class HeldRecoveryTest : public RecoveryTest {
  protected:
    HeldRecoveryTest() { recovery_.hold({iscsi::Lun::from_linux(1), 0x10000000a0770000}); }

    /// Up to the first command about the reservation.
    RecoveryActions log_in_over_socket() {
        RecoveryActions actions = recovery_.on_connected(now_, 4711);
        EXPECT_EQ(count<Bind>(actions), 0u) << "the kernel must not have the connection yet";
        for (int i = 0; i < 4 && recovery_.state() == Recovery::State::logging_in; ++i) {
            const auto* sent = first<SendPdu>(actions);
            EXPECT_NE(sent, nullptr);
            const auto request = iscsi::LoginRequestPdu::decode(sent->header);
            EXPECT_EQ(request->cmd_sn, 4711u) << "the kernel's next one";
            iscsi::LoginResponsePdu response;
            response.transit = request->transit;
            response.current = request->current;
            response.next = request->next;
            response.tsih = 7;
            response.stat_sn = 20;
            response.task_tag = request->task_tag;
            static constexpr char kOperational[] =
                "HeaderDigest=CRC32C\0DataDigest=None\0InitialR2T=Yes\0ImmediateData=Yes\0"
                "MaxBurstLength=262144\0FirstBurstLength=65536\0DefaultTime2Wait=2\0"
                "DefaultTime2Retain=0\0MaxOutstandingR2T=1\0DataPDUInOrder=Yes\0"
                "DataSequenceInOrder=Yes\0ErrorRecoveryLevel=0\0MaxConnections=1";
            const bool security = request->current == iscsi::Stage::security;
            const std::string_view text = security
                                              ? std::string_view("AuthMethod=None\0", 16)
                                              : std::string_view(kOperational, sizeof kOperational);
            const iscsi::Bhs bhs = response.encode();
            actions = recovery_.on_pdu(
                {bhs, Bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size())}, now_);
        }
        EXPECT_EQ(recovery_.state(), Recovery::State::reserving);
        return actions;
    }

    /// The target's answer to the command in these actions: a status, or data and a good one.
    RecoveryActions answer_command(const RecoveryActions& actions, iscsi::ScsiStatus status,
                                   const std::vector<uint8_t>& data = {}) {
        const auto* sent = first<SendPdu>(actions);
        if (sent == nullptr) return {};
        const auto command = iscsi::ScsiCommandPdu::decode(sent->header);
        EXPECT_TRUE(command);
        if (!data.empty()) {
            iscsi::Bhs bhs{};
            bhs[0] = static_cast<uint8_t>(iscsi::Opcode::data_in);
            store_be32(&bhs[16], command->task_tag);
            EXPECT_TRUE(recovery_.on_pdu({bhs, data}, now_).empty());
        }
        iscsi::ScsiResponsePdu response;
        response.status = static_cast<uint8_t>(status);
        response.task_tag = command->task_tag;
        response.stat_sn = stat_sn_++;
        const iscsi::Bhs bhs = response.encode();
        return recovery_.on_pdu({bhs, {}}, now_);
    }

    static std::vector<uint8_t> reserved_with(uint64_t key) {
        std::vector<uint8_t> data(24);
        store_be32(&data[4], 16);
        store_be64(&data[8], key);
        data[21] = iscsi::write_exclusive_registrants_only;
        return data;
    }

    uint32_t stat_sn_ = 21;
};

TEST_F(HeldRecoveryTest, reserves_the_disk_before_the_kernel_gets_the_connection) {
    recovery_.on_lost("closed", now_);
    RecoveryActions actions = log_in_over_socket();
    ASSERT_EQ(count<UseDigests>(actions), 1u);
    EXPECT_TRUE(first<UseDigests>(actions)->digests.header);
    EXPECT_FALSE(first<UseDigests>(actions)->digests.data);
    actions = answer_command(actions, iscsi::ScsiStatus::good, std::vector<uint8_t>(8));  // look
    actions = answer_command(actions, iscsi::ScsiStatus::good);                           // enter
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    actions = answer_command(actions, iscsi::ScsiStatus::good);  // reserve
    ASSERT_EQ(count<Start>(actions), 1u);
    EXPECT_TRUE(std::holds_alternative<Bind>(actions.front())) << "before the kernel starts it";
    EXPECT_EQ(first<Start>(actions)->result.exp_stat_sn, stat_sn_) << "our answers are counted";
    EXPECT_EQ(recovery_.state(), Recovery::State::starting);
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

TEST_F(HeldRecoveryTest, never_goes_on_once_another_one_has_the_disk) {
    recovery_.on_lost("closed", now_);
    RecoveryActions actions = log_in_over_socket();
    actions = answer_command(actions, iscsi::ScsiStatus::good, reserved_with(0x10000000a0770001));
    actions = answer_command(actions, iscsi::ScsiStatus::good, std::vector<uint8_t>(8));  // names
    EXPECT_EQ(recovery_.state(), Recovery::State::displaced);
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    EXPECT_FALSE(recovery_.next_deadline());
    EXPECT_TRUE(recovery_.on_network_back(now_).empty());
    EXPECT_TRUE(recovery_.on_lost("somebody wants a new one", now_).empty());
    EXPECT_TRUE(recovery_.on_renew("somebody wants a new one", now_).empty());
    EXPECT_NE(recovery_.trouble().find("restart this machine"), std::string::npos);
}

TEST_F(HeldRecoveryTest, tries_again_if_the_target_does_not_answer_about_the_reservation) {
    recovery_.on_lost("closed", now_);
    log_in_over_socket();
    const auto actions = wait_for_timer();
    EXPECT_EQ(count<Disconnect>(actions), 1u);
    EXPECT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
}

TEST_F(RecoveryTest, connects_at_once_after_a_loss_and_stops_the_kernel_first) {
    const auto actions = recovery_.on_lost("closed", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    const auto is_stop = [](const auto& a) { return std::holds_alternative<StopConnection>(a); };
    const auto is_connect = [](const auto& a) { return std::holds_alternative<Connect>(a); };
    EXPECT_LT(std::ranges::find_if(actions, is_stop), std::ranges::find_if(actions, is_connect));
    EXPECT_EQ(first<Connect>(actions)->portal, kFirst);
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
    static constexpr char kAddress[] = "TargetAddress=10.0.0.9:3261,1";
    const auto actions = answer(1, 1, std::string_view(kAddress, sizeof kAddress));
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal.to_string(), "10.0.0.9:3261");
}

TEST_F(RecoveryTest, does_not_follow_redirections_in_a_circle) {
    recovery_.on_lost("closed", now_);
    static constexpr char kAddress[] = "TargetAddress=10.0.0.1:3260,1";
    for (int i = 0; i < 20 && recovery_.state() == Recovery::State::connecting; ++i) {
        recovery_.on_connected(now_);
        answer(1, 1, std::string_view(kAddress, sizeof kAddress));
    }
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
}

TEST_F(TwoPortals, asks_the_next_portal_at_once_and_then_the_first_again) {
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, kFirst);
    const auto second = recovery_.on_connect_failed("refused", now_);
    ASSERT_EQ(count<Connect>(second), 1u);
    EXPECT_EQ(first<Connect>(second)->portal, kSecond);
    EXPECT_EQ(count<Connect>(recovery_.on_connect_failed("refused", now_)), 0u);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 1s);
    const auto third = recovery_.on_timer(*recovery_.next_deadline());
    EXPECT_EQ(first<Connect>(third)->portal, kFirst);
}

TEST_F(TwoPortals, share_the_time_for_which_one_is_waited_for) {
    recovery_.on_lost("no ping", now_);
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 2s);
    EXPECT_EQ(first<Connect>(wait_for_timer())->portal, kSecond);
}

TEST_F(TwoPortals, begins_where_the_session_was) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connect_failed("refused", now_);
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, kSecond);
}

TEST_F(TwoPortals, a_portal_that_refuses_does_not_hold_up_the_other) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 100; ++i) {
        if (recovery_.portal() == kFirst) {
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
    const plan::Portal kLearnt{IpAddress::v4(10, 0, 0, 8), 3260};
    const plan::Portal kLearntToo{IpAddress::v4(10, 0, 0, 9), 3260};
};

TEST_F(LearntPortals, are_tried_one_each_time_that_all_others_have_been) {
    Recovery recovery(account_, {kFirst, kSecond}, [] { return 0u; });
    const auto told = recovery.learn({kSecond, kLearnt, kLearntToo});
    EXPECT_EQ(count<RecoveryEvent>(told), 2u) << "the operator's own are no news";
    std::vector<plan::Portal> tried;
    for (auto actions = recovery.on_lost("closed", now_); tried.size() < 7;) {
        if (const auto* connect = first<Connect>(actions)) tried.push_back(connect->portal);
        now_ = *recovery.next_deadline();
        actions = recovery.on_timer(now_);  // nobody answers anywhere
    }
    EXPECT_EQ(tried, (std::vector{kFirst, kSecond, kLearnt, kFirst, kSecond, kLearntToo, kFirst}));
}

TEST_F(LearntPortals, that_lead_nowhere_delay_the_operators_by_a_second) {
    for (uint8_t i = 0; i < 8; ++i)
        recovery_.learn({{IpAddress::v4(10, 0, 1, i), 3260}});
    auto actions = recovery_.on_lost("closed", now_);
    Moment last = now_;
    for (int i = 0; i < 200; ++i) {
        const auto* connect = first<Connect>(actions);
        if (connect != nullptr && connect->portal == kFirst) {
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
    recovery_.learn({kLearnt});
    auto actions = recovery_.on_lost("closed", now_);
    const Moment end = now_ + 60s;
    int named = 0, learnt = 0;
    while (now_ < end) {
        const auto* connect = first<Connect>(actions);
        if (connect == nullptr) {
            now_ = *recovery_.next_deadline();
            actions = recovery_.on_timer(now_);
        } else if (connect->portal == kFirst) {
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
    recovery_.learn({kLearnt});
    recovery_.on_lost("closed", now_);
    const auto actions = recovery_.on_connect_failed("nothing listens", now_);
    EXPECT_EQ(first<Connect>(actions)->portal, kLearnt);
    log_in();
    const auto back = recovery_.on_started({}, now_);
    EXPECT_EQ(first<Recovered>(back)->portal, kLearnt);
    now_ += 60s;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, kLearnt);
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

TEST_F(RecoveryTest, logs_out_when_the_target_asks_for_it_and_comes_back) {
    iscsi::AsyncMessagePdu message;
    message.event = 1;
    message.parameters = {0, 0, 3};
    const iscsi::Bhs bhs = message.encode();
    const auto actions = recovery_.on_pdu({bhs, {}}, now_);
    ASSERT_EQ(count<SendPdu>(actions), 1u);
    EXPECT_TRUE(iscsi::LogoutRequestPdu::decode(first<SendPdu>(actions)->header));
    const iscsi::Bhs response = iscsi::LogoutResponsePdu{}.encode();
    EXPECT_EQ(count<Connect>(recovery_.on_pdu({response, {}}, now_)), 1u);
}

TEST_F(RecoveryTest, comes_back_from_a_logout_that_nobody_answers) {
    iscsi::AsyncMessagePdu message;
    message.event = 1;
    const iscsi::Bhs bhs = message.encode();
    recovery_.on_pdu({bhs, {}}, now_);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

TEST_F(RecoveryTest, tries_at_once_when_the_network_is_back) {
    recovery_.on_lost("no ping", now_);
    recovery_.on_connect_failed("no route", now_);
    EXPECT_EQ(count<Connect>(recovery_.on_network_back(now_)), 1u);
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
        EXPECT_EQ(*recovery_.next_deadline(), now_ + patience);
        const auto actions = wait_for_timer();
        EXPECT_EQ(count<Disconnect>(actions), 1u);
        EXPECT_EQ(count<Connect>(actions), 1u) << "the time of the next attempt has long come";
    }
}

TEST_F(RecoveryTest, finds_back_from_where_it_was_sent_for_good) {
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    static constexpr char kAddress[] = "TargetAddress=10.0.0.2:3260,1";
    answer(1, 2, std::string_view(kAddress, sizeof kAddress));
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, kSecond);
    const auto actions = recovery_.on_connect_failed("nothing listens", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, kFirst);
}

TEST_F(RecoveryTest, tries_md5_alone_when_the_target_closes_on_a_list) {
    account_.chap = plan::ChapLogin{"user", plan::Secret("0123456789abc")};
    recovery_.on_lost("closed", now_);
    recovery_.on_connected(now_);
    static constexpr char kMethod[] = "AuthMethod=CHAP";
    iscsi::LoginResponsePdu response;
    const iscsi::Bhs bhs = response.encode();
    const Bytes text(reinterpret_cast<const uint8_t*>(kMethod), sizeof kMethod);
    ASSERT_EQ(count<SendPdu>(recovery_.on_pdu({bhs, text}, now_)), 1u);
    EXPECT_EQ(count<Connect>(recovery_.on_lost("closed", now_)), 1u);
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
}  // namespace bootwire::session
