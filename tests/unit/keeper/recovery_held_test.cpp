#include "iscsi/pdu_scsi.h"
#include "recovery_fixture.h"

namespace bootwire::keeper {
namespace {

constexpr uint32_t kernel_cmd_sn = 4711;

/// A disk that is held: login and reservation run over the socket itself.
class HeldRecoveryTest : public RecoveryTest {
  protected:
    HeldRecoveryTest() { recovery_.hold({iscsi::Lun::from_linux(1), 0x10000000a0770000}); }

    /// Up to the first command about the reservation.
    RecoveryActions log_in_over_socket() {
        RecoveryActions actions = recovery_.on_connected(now_, kernel_cmd_sn);
        EXPECT_EQ(count<Bind>(actions), 0u) << "the kernel must not have the connection yet";
        for (int i = 0; i < 4 && recovery_.state() == Recovery::State::logging_in; ++i) {
            const auto* sent = first<SendPdu>(actions);
            EXPECT_NE(sent, nullptr);
            const auto request = iscsi::LoginRequestPdu::decode(sent->header);
            EXPECT_EQ(request->cmd_sn, kernel_cmd_sn - 16) << "ours come before the kernel's";
            actions = accept(*request, "CRC32C");
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
        response.exp_cmd_sn = command->cmd_sn + 1;
        response.max_cmd_sn = command->cmd_sn + 32;
        const iscsi::Bhs bhs = response.encode();
        return recovery_.on_pdu({bhs, {}}, now_);
    }

    /// Good answers to all commands in these actions; what follows from the last one.
    RecoveryActions answer_all(const RecoveryActions& actions) {
        RecoveryActions then;
        for (const RecoveryAction& action : actions) {
            if (std::holds_alternative<SendPdu>(action)) {
                EXPECT_EQ(count<Start>(then), 0u) << "not before the last one";
                then = answer_command({action}, iscsi::ScsiStatus::good);
            }
        }
        return then;
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
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u) << "it is not the kernel's turn";
    EXPECT_EQ(count<SendPdu>(actions), 13u) << "of 16, three were needed";
    actions = answer_all(actions);
    ASSERT_EQ(count<Start>(actions), 1u);
    EXPECT_TRUE(std::holds_alternative<Bind>(actions.front())) << "before the kernel starts it";
    EXPECT_EQ(first<Start>(actions)->result.cmd_sn, kernel_cmd_sn);
    EXPECT_EQ(first<Start>(actions)->result.exp_stat_sn, stat_sn_) << "our answers are counted";
    EXPECT_EQ(recovery_.state(), Recovery::State::starting);
    EXPECT_EQ(count<Recovered>(recovery_.on_started({}, now_)), 1u);
}

TEST_F(HeldRecoveryTest, hears_that_the_target_drops_it_over_the_reservation) {
    recovery_.on_lost("closed", now_);
    log_in_over_socket();
    iscsi::AsyncMessagePdu message;
    message.event = 5;  // of no concern
    message.stat_sn = stat_sn_++;
    EXPECT_TRUE(recovery_.on_pdu({message.encode(), {}}, now_).empty());
    EXPECT_EQ(recovery_.state(), Recovery::State::reserving);
    message.event = 3;  // all connections are dropped
    message.stat_sn = stat_sn_++;
    EXPECT_EQ(count<Disconnect>(recovery_.on_pdu({message.encode(), {}}, now_)), 1u);
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
    EXPECT_NE(recovery_.trouble().find("it ends the session"), std::string::npos);
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

TEST_F(HeldRecoveryTest, takes_an_answer_that_makes_no_sense_for_a_refusal) {
    recovery_.on_lost("closed", now_);
    log_in_over_socket();
    const iscsi::Bhs nonsense = iscsi::LoginResponsePdu{}.encode();
    const auto actions = recovery_.on_pdu({nonsense, {}}, now_);
    EXPECT_EQ(count<Disconnect>(actions), 1u);
    EXPECT_EQ(recovery_.state(), Recovery::State::waiting);
    EXPECT_TRUE(first<RecoveryEvent>(actions)->warning);
}

TEST_F(HeldRecoveryTest, tries_again_if_the_target_does_not_answer_about_the_reservation) {
    recovery_.on_lost("closed", now_);
    log_in_over_socket();
    const auto actions = wait_for_timer();
    EXPECT_EQ(count<Disconnect>(actions), 1u);
    EXPECT_EQ(count<Bind>(actions) + count<Start>(actions), 0u);
    EXPECT_EQ(count<Connect>(wait_for_timer()), 1u);
}

}  // namespace
}  // namespace bootwire::keeper
