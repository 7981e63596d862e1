// A portal that goes to standby within a session: the target says so, or it shows.
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

class AccessChange : public RecoveryTest {
  protected:
    RecoveryActions announce(uint8_t event, const iscsi::Sense& sense) {
        iscsi::AsyncMessagePdu message;
        message.event = event;
        return recovery_.on_pdu({message.encode(), data_with(sense)}, now_);
    }
};

TEST_F(AccessChange, that_the_kernel_was_told_of_has_the_way_tried_out_at_once) {
    const auto actions = recovery_.on_access_changed(now_);
    EXPECT_EQ(count<StopConnection>(actions), 2u) << "nothing goes out by it any more";
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, first_portal) << "it may be as good as before";
    EXPECT_NE(recovery_.loss().find("ways to the disk have changed"), std::string::npos);
}

TEST_F(AccessChange, that_an_async_message_tells_of_is_no_other) {
    for (const iscsi::Sense& sense : {iscsi::Sense{6, 0x2a, 6}, {2, 4, 0x0b}}) {
        EXPECT_EQ(count<Connect>(announce(0, sense)), 1u);
        log_in();
        recovery_.on_started({}, now_);
        now_ += 60s;  // one that is lost again at once has a pause
    }
}

TEST_F(AccessChange, is_none_that_another_event_or_other_sense_data_tell_of) {
    EXPECT_TRUE(announce(0, {6, 0x2a, 9}).empty());
    EXPECT_EQ(count<Connect>(announce(5, {6, 0x2a, 6})), 0u);
    iscsi::AsyncMessagePdu bare;
    EXPECT_TRUE(recovery_.on_pdu({bare.encode(), {}}, now_).empty());
    EXPECT_EQ(recovery_.state(), Recovery::State::established);
}

TEST_F(AccessChange, does_not_break_off_an_attempt_that_tries_the_way_out_itself) {
    recovery_.on_lost("closed", now_);
    EXPECT_TRUE(recovery_.on_access_changed(now_).empty());
    recovery_.on_connected(now_);
    EXPECT_TRUE(recovery_.on_access_changed(now_).empty());
    EXPECT_EQ(recovery_.state(), Recovery::State::logging_in);
}

class NoIo : public RecoveryTest {
  protected:
    NoIo() : RecoveryTest({first_portal, second_portal}) {}
};

TEST_F(NoIo, gives_the_next_portal_its_turn_however_long_the_session_has_lasted) {
    const auto actions = recovery_.on_no_io("standby", now_);
    EXPECT_EQ(count<StopConnection>(actions), 2u) << "what is under way is sent again";
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, second_portal);
    EXPECT_FALSE(first<Connect>(actions)->same_address);
    EXPECT_EQ(recovery_.loss(), "standby");
    log_in();
    recovery_.on_started({}, now_);
    now_ += 1min;
    EXPECT_EQ(first<Connect>(recovery_.on_no_io("standby", now_))->portal, first_portal);
}

TEST_F(NoIo, of_the_old_connection_does_not_disturb_the_attempt_at_a_new_one) {
    recovery_.on_no_io("standby", now_);
    EXPECT_TRUE(recovery_.on_no_io("standby", now_).empty()) << "each command under way says so";
    EXPECT_EQ(recovery_.state(), Recovery::State::connecting);
    EXPECT_EQ(recovery_.portal(), second_portal);
}

TEST_F(NoIo, at_once_after_the_start_passes_only_that_portal_over) {
    recovery_.on_lost("closed", now_);
    log_in();
    const auto actions = recovery_.on_no_io("standby", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, second_portal);
}

TEST_F(AccessChange, to_standby_has_the_only_portal_asked_again) {
    const auto actions = recovery_.on_no_io("standby", now_);
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, first_portal);
}

}  // namespace
}  // namespace bootwire::keeper
