// Where the moments and numbers that a recovery goes by begin and end, and what is a warning.
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

class RecoveryLimits : public RecoveryTest {
  protected:
    RecoveryLimits() : RecoveryTest({first_portal, second_portal}) {}

    /// The session is there again, at the portal whose turn it is.
    void come_back() {
        log_in();
        recovery_.on_started({}, now_);
    }
    RecoveryActions redirect(const std::string& address) {
        return answer(1, 1, "TargetAddress=" + address + '\0');
    }
    static std::vector<bool> warnings(const RecoveryActions& actions) {
        std::vector<bool> found;
        for (const RecoveryAction& action : actions) {
            if (const auto* event = std::get_if<RecoveryEvent>(&action))
                found.push_back(event->warning);
        }
        return found;
    }
};

TEST_F(RecoveryLimits, sessions_that_last_half_a_minute_do_not_speak_against_their_portal) {
    recovery_.on_lost("closed", now_);
    come_back();
    now_ += 30s;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, first_portal);
    come_back();
    now_ += 29'999ms;
    EXPECT_EQ(first<Connect>(recovery_.on_lost("closed", now_))->portal, second_portal);
}

TEST_F(RecoveryLimits, attempts_are_counted_from_the_loss_on) {
    EXPECT_EQ(recovery_.attempts(), 0u);
    recovery_.on_lost("closed", now_);
    EXPECT_EQ(recovery_.attempts(), 1u);
    recovery_.on_connect_failed("refused", now_);
    EXPECT_EQ(recovery_.attempts(), 2u);
    come_back();
    now_ += 1h;
    recovery_.on_lost("closed", now_);
    EXPECT_EQ(recovery_.attempts(), 1u);
    EXPECT_EQ(recovery_.loss(), "closed");
    EXPECT_EQ(recovery_.lost_at(), now_);
    EXPECT_EQ(recovery_.trouble(), "") << "none yet";
}

TEST_F(RecoveryLimits, losses_and_refusals_are_warnings_and_what_is_tried_is_none) {
    EXPECT_EQ(warnings(recovery_.on_lost("closed", now_)), std::vector{true});
    EXPECT_EQ(warnings(recovery_.on_renew("address", now_)), std::vector{false});
    EXPECT_EQ(warnings(recovery_.on_connect_failed("refused", now_)), std::vector{false});
    recovery_.on_connected(now_);
    EXPECT_EQ(warnings(answer(3, 1)), std::vector{true});
    wait_for_timer();
    recovery_.on_connected(now_);
    redirect("10.0.0.9:3260,1");
    EXPECT_EQ(warnings(recovery_.on_connect_failed("nobody", now_)), std::vector{true});
    EXPECT_EQ(warnings(recovery_.learn({{IpAddress::v4(10, 0, 0, 7), 1}})), std::vector{false});
}

TEST_F(RecoveryLimits, redirections_are_followed_eight_times) {
    recovery_.on_lost("closed", now_);
    for (int i = 1; i <= 8; ++i) {
        recovery_.on_connected(now_);
        EXPECT_EQ(count<Connect>(redirect("10.0.0." + std::to_string(10 + i) + ":3260,1")), 1u);
        EXPECT_EQ(recovery_.portal().to_string(), "10.0.0." + std::to_string(10 + i) + ":3260");
    }
    recovery_.on_connected(now_);
    redirect("10.0.0.30:3260,1");
    EXPECT_EQ(recovery_.portal(), second_portal) << "the next way has its turn";
    EXPECT_EQ(recovery_.trouble(), "the portals redirect in a circle");
    recovery_.on_connected(now_);
    EXPECT_EQ(count<Connect>(redirect("10.0.0.31:3260,1")), 1u) << "and is led as far";
}

TEST_F(RecoveryLimits, questions_are_stale_after_two_seconds_when_the_network_is_back) {
    recovery_.on_lost("no ping", now_);
    recovery_.on_connected(now_);
    EXPECT_TRUE(recovery_.on_network_back(now_ + 1999ms).empty());
    EXPECT_EQ(count<Disconnect>(recovery_.on_network_back(now_ + 2s)), 1u);
}

TEST_F(RecoveryLimits, pauses_of_a_target_end_with_their_last_moment) {
    iscsi::AsyncMessagePdu message;
    message.event = 3;
    message.parameters = {0, 7, 0};
    const iscsi::Bhs bhs = message.encode();
    recovery_.on_pdu({bhs, {}}, now_);
    EXPECT_TRUE(recovery_.on_network_back(now_ + 6999ms).empty());
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 7s);
    recovery_.on_network_back(now_ + 7s);
    EXPECT_GT(*recovery_.next_deadline(), now_ + 7s) << "not at the same moment as all others";
    EXPECT_LE(*recovery_.next_deadline(), now_ + 7s + 400ms);
    EXPECT_TRUE(recovery_.on_timer(*recovery_.next_deadline() - 1ms).empty());
}

TEST_F(RecoveryLimits, announcements_are_heeded_while_the_session_is_there_and_concerns_them) {
    iscsi::AsyncMessagePdu message;
    message.event = 0;  // of SCSI: the kernel's
    EXPECT_TRUE(recovery_.on_pdu({message.encode(), {}}, now_).empty());
    message.event = 1;
    message.parameters = {0, 0, 9};
    EXPECT_EQ(count<SendPdu>(recovery_.on_pdu({message.encode(), {}}, now_)), 1u);
    EXPECT_TRUE(recovery_.on_pdu({message.encode(), {}}, now_ + 1s).empty())
        << "the logout is on its way";
    EXPECT_EQ(*recovery_.next_deadline(), now_ + 9s);
}

TEST_F(RecoveryLimits, logins_may_take_four_times_the_patience) {
    recovery_.on_lost("closed", now_);
    RecoveryActions actions = recovery_.on_connected(now_);
    const Moment began = now_;
    while (const auto* sent = first<SendPdu>(actions)) {
        iscsi::LoginResponsePdu response;
        response.continues = true;
        response.task_tag = iscsi::LoginRequestPdu::decode(sent->header)->task_tag;
        now_ += 3s;
        if (now_ >= *recovery_.next_deadline()) break;
        actions = recovery_.on_pdu({response.encode(), {}}, now_);
    }
    // With these random numbers the patience is 75 + 40 % of five seconds.
    EXPECT_EQ(*recovery_.next_deadline() - began, 4 * Milliseconds(5750));
}

TEST_F(RecoveryLimits, algorithms_of_chap_are_all_offered_again_after_each_loss) {
    account_.chap = plan::ChapLogin{"user", plan::Secret("0123456789abc")};
    const auto offered = [&] {
        recovery_.on_connected(now_);
        iscsi::LoginResponsePdu response;
        const iscsi::Bhs bhs = response.encode();
        static constexpr char chap[] = "AuthMethod=CHAP";
        const auto actions = recovery_.on_pdu({bhs, bytes_of({chap, sizeof chap})}, now_);
        const auto* sent = first<SendPdu>(actions);
        return sent == nullptr ? "nothing" : std::string(text_of(sent->data));
    };
    recovery_.on_lost("closed", now_);
    const std::string all = offered();
    EXPECT_TRUE(all.starts_with("CHAP_A=")) << all;
    const auto alone = recovery_.on_lost("closed", now_);
    EXPECT_EQ(count<RecoveryEvent>(alone), 1u);
    EXPECT_TRUE(first<Connect>(alone)->same_address) << "it is there, and only does not like that";
    EXPECT_EQ(offered(), std::string("CHAP_A=5\0", 9)) << "MD5 is number 5";
    recovery_.on_renew("address", now_);
    EXPECT_EQ(offered(), std::string("CHAP_A=5\0", 9)) << "the same outage";

    account_.chap.reset();
    recovery_.on_renew("address", now_);
    come_back();
    account_.chap = plan::ChapLogin{"user", plan::Secret("0123456789abc")};
    now_ += 1h;
    recovery_.on_lost("closed", now_);
    EXPECT_EQ(offered(), all);
    EXPECT_EQ(count<RecoveryEvent>(recovery_.on_lost("closed", now_)), 0u) << "it is known by now";
}

}  // namespace
}  // namespace bootwire::keeper
