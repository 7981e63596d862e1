// Ways that let us in and may fail all I/O: each is tried out before the kernel gets it.
#include "iscsi/pdu_scsi.h"
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

using iscsi::ScsiStatus;

constexpr uint32_t kernel_cmd_sn = 3;  // our own come before the count goes round

class TriedOutTest : public RecoveryTest {
  protected:
    TriedOutTest() : RecoveryTest({first_portal, second_portal}) {
        recovery_.try_out_with(iscsi::Lun::from_linux(1));
    }

    /// Up to the command that tries the disk out.
    RecoveryActions log_in_over_socket() {
        RecoveryActions actions = recovery_.on_connected(now_, kernel_cmd_sn);
        for (int i = 0; i < 4 && recovery_.state() == Recovery::State::logging_in; ++i) {
            const auto* sent = first<SendPdu>(actions);
            EXPECT_NE(sent, nullptr);
            const auto request = iscsi::LoginRequestPdu::decode(sent->header);
            own_commands_ = kernel_cmd_sn - request->cmd_sn;
            actions = accept(*request);
        }
        EXPECT_EQ(count<Bind>(actions), 0u) << "the kernel must not have the connection yet";
        EXPECT_EQ(recovery_.state(), Recovery::State::reserving);
        return actions;
    }

    RecoveryActions answer_command(const RecoveryActions& actions, const iscsi::Sense& sense) {
        return answer(*first<SendPdu>(actions), sense);
    }
    RecoveryActions answer(const SendPdu& sent, const iscsi::Sense& sense) {
        const auto command = iscsi::ScsiCommandPdu::decode(sent.header);
        EXPECT_TRUE(command);
        EXPECT_EQ(command->cdb[0], 0) << "TEST UNIT READY";
        iscsi::ScsiResponsePdu response;
        response.task_tag = command->task_tag;
        response.stat_sn = stat_sn_++;
        response.exp_cmd_sn = command->cmd_sn + 1;
        response.max_cmd_sn = command->cmd_sn + 32;
        if (sense.key == 0) return recovery_.on_pdu({response.encode(), {}}, now_);
        response.status = static_cast<uint8_t>(ScsiStatus::check_condition);
        return recovery_.on_pdu({response.encode(), data_with(sense)}, now_);
    }
    /// Whatever is said to the commands that only count.
    RecoveryActions answer_rest(const RecoveryActions& actions) {
        RecoveryActions then;
        for (const RecoveryAction& action : actions) {
            if (const auto* sent = std::get_if<SendPdu>(&action)) then = answer(*sent, {2, 4, 1});
        }
        return then;
    }

    uint32_t own_commands_ = 0;
    uint32_t stat_sn_ = 21;
};

TEST_F(TriedOutTest, a_portal_on_standby_loses_its_turn_before_the_kernel_sees_it) {
    recovery_.on_lost("closed", now_);
    EXPECT_EQ(recovery_.portal(), first_portal);
    RecoveryActions actions = answer_command(log_in_over_socket(), {2, 4, 0x0b});
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    EXPECT_EQ(count<Disconnect>(actions), 1u);
    ASSERT_EQ(count<Connect>(actions), 1u);
    EXPECT_EQ(first<Connect>(actions)->portal, second_portal);
    EXPECT_NE(first<RecoveryEvent>(actions)->text.find("takes no commands by this portal"),
              std::string::npos);

    actions = answer_command(log_in_over_socket(), {});
    EXPECT_EQ(count<SendPdu>(actions), own_commands_ - 1) << "up to the kernel's";
    actions = answer_rest(actions);
    ASSERT_EQ(count<Start>(actions), 1u);
    EXPECT_TRUE(std::holds_alternative<Bind>(actions.front())) << "before the kernel starts it";
    EXPECT_EQ(first<Start>(actions)->result.cmd_sn, kernel_cmd_sn);
    EXPECT_EQ(first<Start>(actions)->result.exp_stat_sn, stat_sn_) << "our answers are counted";
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

TEST_F(TriedOutTest, nothing_is_started_while_all_are_on_standby) {
    recovery_.on_lost("closed", now_);
    for (int i = 0; i < 20; ++i) {
        while (recovery_.state() != Recovery::State::connecting)
            wait_for_timer();
        const auto actions = answer_command(log_in_over_socket(), {2, 4, 0x0c});
        EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    }
    EXPECT_NE(recovery_.trouble().find("takes no commands"), std::string::npos);
}

TEST_F(TriedOutTest, a_disk_that_is_held_is_tried_out_first_and_then_reserved) {
    recovery_.hold({iscsi::Lun::from_linux(1), 0x10000000a0770000});
    recovery_.on_lost("closed", now_);
    const auto actions = answer_command(log_in_over_socket(), {});
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    ASSERT_EQ(count<SendPdu>(actions), 1u);
    const auto command = iscsi::ScsiCommandPdu::decode(first<SendPdu>(actions)->header);
    EXPECT_EQ(command->cdb[0], 0x5e) << "PERSISTENT RESERVE IN";
    EXPECT_EQ(command->exp_stat_sn, 22u);
}

TEST_F(TriedOutTest, a_target_that_rejects_commands_is_asked_again_and_not_started) {
    recovery_.on_lost("closed", now_);
    log_in_over_socket();
    iscsi::RejectPdu reject;
    reject.reason = 5;  // command not supported
    const auto actions = recovery_.on_pdu({reject.encode(), {}}, now_);
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    while (recovery_.state() != Recovery::State::connecting)
        wait_for_timer();
    EXPECT_EQ(count<Start>(answer_rest(answer_command(log_in_over_socket(), {}))), 1u);
}

TEST_F(TriedOutTest, without_the_kernels_number_the_login_goes_through_the_kernel) {
    recovery_.on_lost("closed", now_);
    log_in();
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

}  // namespace
}  // namespace bootwire::keeper
