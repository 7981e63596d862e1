// How long a target is left alone that asks for it, and how long it may take to let us go.
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

class RecoveryPauses : public RecoveryTest {
  protected:
    /// Event codes and parameters: RFC 7143 section 11.9.
    RecoveryActions tell(uint8_t event, const std::array<uint16_t, 3>& parameters) {
        iscsi::AsyncMessagePdu message;
        message.event = event;
        message.parameters = parameters;
        const iscsi::Bhs bhs = message.encode();
        return recovery_.on_pdu({bhs, {}}, now_);
    }
    RecoveryActions answer_logout(uint8_t response, uint16_t time2wait_s) {
        iscsi::LogoutResponsePdu pdu;
        pdu.response = response;
        pdu.time2wait_s = time2wait_s;
        const iscsi::Bhs bhs = pdu.encode();
        return recovery_.on_pdu({bhs, {}}, now_);
    }
    /// How long nothing is tried, once the session is lost. Then it is there again.
    Milliseconds pause_and_return() {
        Milliseconds pause{0};
        if (recovery_.state() == Recovery::State::waiting) {
            pause = *recovery_.next_deadline() - now_;
            EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
        }
        log_in();
        recovery_.on_started({}, now_);
        now_ += 1min;
        return pause;
    }
};

TEST_F(RecoveryPauses, are_what_the_target_asks_for_up_to_a_minute) {
    for (const uint8_t event : {2, 3}) {
        for (const auto& [time2wait, pause] : {std::pair<uint16_t, Milliseconds>{0, 0s},
                                               {1, 1s},
                                               {59, 59s},
                                               {60, 60s},
                                               {61, 60s},
                                               {65535, 60s}}) {
            tell(event, {0, time2wait, 0});
            EXPECT_EQ(pause_and_return(), pause) << time2wait;
        }
    }
}

TEST_F(RecoveryPauses, follow_a_logout_only_if_that_has_failed) {
    for (const auto& [response, time2wait, pause] :
         {std::tuple<uint8_t, uint16_t, Milliseconds>{0, 20, 0s}, {1, 20, 20s}, {3, 65535, 60s}}) {
        tell(1, {0, 0, 3});
        answer_logout(response, time2wait);
        EXPECT_EQ(pause_and_return(), pause) << int{response};
    }
}

TEST_F(RecoveryPauses, of_a_target_that_is_to_let_us_go_last_ten_seconds_at_most) {
    for (const auto& [within, pause] : {std::pair<uint16_t, Milliseconds>{0, 1s},
                                        {1, 1s},
                                        {2, 2s},
                                        {10, 10s},
                                        {11, 10s},
                                        {65535, 10s}}) {
        tell(1, {0, 0, within});
        ASSERT_EQ(recovery_.state(), Recovery::State::logging_out);
        EXPECT_EQ(*recovery_.next_deadline() - now_, pause) << within;
        EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
        pause_and_return();
    }
}

}  // namespace
}  // namespace bootwire::keeper
