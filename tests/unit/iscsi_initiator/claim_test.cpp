#include "iscsi_initiator/claim.h"

#include <gtest/gtest.h>

#include "iscsi/pdu_scsi.h"
#include "iscsi_initiator/task_client.h"
#include "reserving_target.h"

namespace bootwire::iscsi {
namespace {

constexpr uint64_t our_key = 0x10000000a0770000, other_key = 0x10000000a0770001;
// Whoever logs in to tgt is a new one each time.
constexpr int nexus_before = 1, nexus_now = 2, other_nexus = 3;

class ClaimTest : public testing::Test {
  protected:
    /// tgt's way: neither APTPL nor READ FULL STATUS.
    void be_tgt() { target.knows_aptpl = target.knows_full_status = false; }
    void held_by(int nexus, uint64_t key) {
        target.registrations.push_back({nexus, key});
        target.holder = nexus;
    }
    ClaimState claim(Intent intent = Intent::claim, int nexus = nexus_now) {
        Claim claim(our_key, intent);
        target.run(claim, nexus);
        failure = claim.failure();
        displaced = claim.displaced_key();
        return claim.state();
    }

    ReservingTarget target;
    ClaimFailure failure;
    uint64_t displaced = 0;
};

TEST_F(ClaimTest, holds_a_free_disk) {
    EXPECT_EQ(claim(), ClaimState::done);
    EXPECT_EQ(target.holder, nexus_now);
    EXPECT_EQ(target.holder_key(), our_key);
}

TEST_F(ClaimTest, holds_on_where_the_target_knows_it_again) {
    held_by(nexus_now, our_key);
    EXPECT_EQ(claim(), ClaimState::done);
    EXPECT_EQ(target.holder, nexus_now);
    EXPECT_EQ(target.registrations.size(), 1u);
}

TEST_F(ClaimTest, takes_over_from_its_earlier_self_where_the_target_takes_it_for_a_new_one) {
    be_tgt();
    held_by(nexus_before, our_key);
    EXPECT_EQ(claim(), ClaimState::done);
    EXPECT_EQ(target.holder, nexus_now);
    EXPECT_EQ(target.registrations.size(), 1u) << "nothing is left of the earlier login";
    EXPECT_EQ(displaced, 0u);
}

TEST_F(ClaimTest, leaves_another_ones_disk_alone_and_names_who_has_it) {
    held_by(other_nexus, other_key);
    EXPECT_EQ(claim(), ClaimState::in_use);
    EXPECT_EQ(failure.problem, ClaimProblem::in_use);
    EXPECT_EQ(failure.holder.view(), "iqn.2026-11.test.lab:other");
    EXPECT_EQ(failure.key, other_key);
    EXPECT_TRUE(target.actions.empty()) << "it was only looked at";
}

TEST_F(ClaimTest, names_the_key_where_the_target_tells_no_names) {
    be_tgt();
    held_by(other_nexus, other_key);
    EXPECT_EQ(claim(), ClaimState::in_use);
    EXPECT_TRUE(failure.holder.empty());
    EXPECT_EQ(failure.key, other_key);
}

TEST_F(ClaimTest, takes_the_disk_from_another_one_if_it_is_told_to) {
    held_by(other_nexus, other_key);
    EXPECT_EQ(claim(Intent::take_over), ClaimState::done);
    EXPECT_EQ(target.holder, nexus_now);
    EXPECT_EQ(target.key_of(other_nexus), 0u);
    EXPECT_EQ(displaced, other_key);
}

TEST_F(ClaimTest, backs_out_if_another_one_is_faster) {
    Claim claim(our_key, Intent::claim);
    for (int commands = 0; claim.state() == ClaimState::asking; ++commands) {
        if (commands == 2) held_by(other_nexus, other_key);  // between our registration and RESERVE
        const auto reply = target.carry_out(nexus_now, claim.command());
        claim.on_outcome(reply.status, reply.sense, reply.data);
    }
    EXPECT_EQ(claim.state(), ClaimState::in_use);
    EXPECT_EQ(target.holder, other_nexus);
    EXPECT_EQ(target.key_of(nexus_now), 0u) << "a registration would let us write";
}

TEST_F(ClaimTest, leaves_a_target_remembering_what_others_have_reserved) {
    held_by(nexus_now, our_key);
    target.registrations.push_back({other_nexus, other_key});
    EXPECT_EQ(claim(Intent::release), ClaimState::done);
    EXPECT_EQ(target.key_of(nexus_now), 0u);
    EXPECT_TRUE(target.remembers);
}

TEST_F(ClaimTest, leaves_a_target_that_cannot_remember) {
    be_tgt();
    target.registrations.push_back({nexus_now, our_key});
    EXPECT_EQ(claim(Intent::release), ClaimState::done);
    EXPECT_EQ(target.key_of(nexus_now), 0u);
}

TEST_F(ClaimTest, says_what_lio_lacks) {
    target.can_note = false;
    EXPECT_EQ(claim(), ClaimState::failed);
    EXPECT_EQ(failure.problem, ClaimProblem::cannot_note);
}

TEST_F(ClaimTest, gives_the_disk_back) {
    held_by(nexus_now, our_key);
    EXPECT_EQ(claim(Intent::release), ClaimState::done);
    EXPECT_FALSE(target.holder);
    EXPECT_TRUE(target.registrations.empty());
}

TEST_F(ClaimTest, gives_back_what_its_earlier_self_holds) {
    be_tgt();
    held_by(nexus_before, our_key);
    EXPECT_EQ(claim(Intent::release), ClaimState::done);
    EXPECT_FALSE(target.holder);
    EXPECT_TRUE(target.registrations.empty());
}

TEST_F(ClaimTest, gives_nothing_back_that_is_another_ones) {
    held_by(other_nexus, other_key);
    EXPECT_EQ(claim(Intent::release), ClaimState::done);
    EXPECT_EQ(target.holder, other_nexus);
    EXPECT_EQ(target.key_of(other_nexus), other_key);
}

TEST_F(ClaimTest, says_a_command_again_after_a_unit_attention) {
    target.unit_attentions = 3;
    EXPECT_EQ(claim(), ClaimState::done);
}

TEST_F(ClaimTest, does_not_ask_for_ever) {
    target.unit_attentions = 1000;
    EXPECT_EQ(claim(), ClaimState::failed);
    EXPECT_EQ(failure.problem, ClaimProblem::endless);
}

TEST_F(ClaimTest, says_so_if_the_target_knows_no_reservations) {
    target.knows_reservations = false;
    EXPECT_EQ(claim(), ClaimState::failed);
    EXPECT_EQ(failure.problem, ClaimProblem::not_supported);
    EXPECT_EQ(failure.sense.key, 5);
    EXPECT_EQ(failure.sense.code, 0x20);
}

/// Runs a claim over PDUs against the target, with immediate data or without.
class TaskClientTest : public testing::TestWithParam<bool> {
  protected:
    struct Answer {
        Bhs bhs{};
        std::vector<uint8_t> data;
    };

    void SetUp() override {
        login.parameters.immediate_data = GetParam();
        login.cmd_sn = login.exp_cmd_sn = login.max_cmd_sn = cmd_sn;
        login.exp_stat_sn = 5;
    }

    /// What the target sends after this PDU.
    std::vector<Answer> answer(const PduView& pdu) {
        if (opcode_of(pdu.bhs) == Opcode::scsi_command) {
            const auto command = *ScsiCommandPdu::decode(pdu.bhs);
            EXPECT_FALSE(is_immediate(pdu.bhs)) << "LIO takes none";
            EXPECT_EQ(command.cmd_sn, cmd_sn++);
            EXPECT_EQ(command.exp_stat_sn, stat_sn);
            EXPECT_EQ(command.lun, Lun::from_linux(1));
            tag = command.task_tag;
            current = {};
            std::ranges::copy(command.cdb, current.cdb.begin());
            if (command.write && pdu.data.empty()) {
                Bhs bhs{};
                bhs[0] = static_cast<uint8_t>(Opcode::ready_to_transfer);
                bhs[1] = 0x80;
                store_be32(&bhs[16], tag);
                store_be32(&bhs[20], 99);
                store_be32(&bhs[44], 24);
                return {{bhs, {}}};
            }
        } else {
            EXPECT_EQ(opcode_of(pdu.bhs), Opcode::data_out);
            EXPECT_EQ(load_be32(&pdu.bhs[20]), 99u);
        }
        EXPECT_TRUE(pdu.data.empty() || pdu.data.size() == current.out.size());
        std::ranges::copy(pdu.data, current.out.begin());
        return answer(target.carry_out(nexus_now, current));
    }
    std::vector<Answer> answer(const ReservingTarget::Reply& reply) {
        std::vector<Answer> answers;
        if (!reply.data.empty()) {
            Bhs bhs{};
            bhs[0] = static_cast<uint8_t>(Opcode::data_in);
            bhs[1] = 0x80;
            store_be32(&bhs[16], tag);
            answers.push_back({bhs, reply.data});
        }
        ScsiResponsePdu response;
        response.status = static_cast<uint8_t>(reply.status);
        response.task_tag = tag;
        response.stat_sn = stat_sn++;
        response.exp_cmd_sn = response.max_cmd_sn = cmd_sn;
        std::vector<uint8_t> sense;
        if (!reply.sense.empty()) {
            sense = {0, static_cast<uint8_t>(reply.sense.size())};
            sense.insert(sense.end(), reply.sense.begin(), reply.sense.end());
        }
        answers.push_back({response.encode(), sense});
        return answers;
    }

    ReservingTarget target;
    LoginResult login;
    uint32_t cmd_sn = 77;
    uint32_t stat_sn = 5;
    uint32_t tag = 0;
    ScsiCommand current;
};

TEST_P(TaskClientTest, claims_over_a_connection_whatever_was_negotiated) {
    target.knows_aptpl = false;
    target.unit_attentions = 1;
    Claim claim(our_key, Intent::claim);
    TaskClient client(login, Lun::from_linux(1), claim);
    while (const auto pdu = client.next_pdu()) {
        for (const Answer& one : answer(*pdu))
            client.receive_pdu({one.bhs, one.data});
    }
    EXPECT_EQ(client.state(), TaskState::finished);
    EXPECT_EQ(claim.state(), ClaimState::done);
    EXPECT_EQ(target.holder, nexus_now);
    EXPECT_EQ(client.result().exp_stat_sn, stat_sn);
    EXPECT_EQ(client.result().cmd_sn, cmd_sn) << "whoever goes on counts from here";
}

INSTANTIATE_TEST_SUITE_P(ImmediateData, TaskClientTest, testing::Bool());

TEST(TaskClient, is_done_with_a_target_that_goes_away) {
    Claim claim(our_key, Intent::claim);
    TaskClient client({}, Lun{}, claim);
    client.next_pdu();
    EXPECT_EQ(client.connection_closed(), TaskState::failed);
    EXPECT_EQ(client.failure().problem, TaskProblem::connection_closed);
}

TEST(TaskClient, is_done_with_a_connection_that_carries_no_pdus) {
    Claim claim(our_key, Intent::claim);
    TaskClient longer({}, Lun{}, claim), damaged({}, Lun{}, claim);
    EXPECT_EQ(longer.connection_unreadable(FrameState::too_long), TaskState::failed);
    EXPECT_EQ(longer.failure().problem, TaskProblem::frame_too_long);
    damaged.connection_unreadable(FrameState::header_digest_wrong);
    EXPECT_EQ(damaged.failure().problem, TaskProblem::digest_wrong);
}

TEST(TaskClient, answers_a_ping_in_between) {
    Claim claim(our_key, Intent::claim);
    TaskClient client({}, Lun{}, claim);
    client.next_pdu();
    NopInPdu ping;
    ping.target_transfer_tag = 42;
    client.receive_pdu({ping.encode(), {}});
    const auto pong = client.next_pdu();
    ASSERT_TRUE(pong);
    EXPECT_EQ(NopOutPdu::decode(pong->bhs)->target_transfer_tag, 42u);
    EXPECT_EQ(client.state(), TaskState::receiving) << "the command's answer is still to come";
}

TEST(TaskClient, ends_with_the_session_and_not_with_any_other_announcement) {
    for (const int event : {0, 1, 2, 3, 4, 5, 77, 255}) {
        Claim claim(our_key, Intent::claim);
        TaskClient client({}, Lun{}, claim);
        client.next_pdu();
        AsyncMessagePdu message;
        message.event = static_cast<uint8_t>(event);
        message.stat_sn = 3;
        const bool ends = event >= 1 && event <= 3;
        EXPECT_EQ(client.receive_pdu({message.encode(), {}}),
                  ends ? TaskState::failed : TaskState::receiving)
            << event;
        EXPECT_EQ(client.result().exp_stat_sn, 4u);
        EXPECT_EQ(client.failure().problem, ends ? TaskProblem::session_ended : TaskProblem::none);
    }
}

TEST(TaskClient, takes_no_answer_twice) {
    LoginResult login;
    login.exp_stat_sn = 5;
    const auto after = [&](const Bhs& bhs) {
        Claim claim(our_key, Intent::claim);
        TaskClient client(login, Lun{}, claim);
        client.next_pdu();
        client.receive_pdu({bhs, {}});
        return client.failure().problem;
    };
    const auto response = [](uint32_t stat_sn) {
        ScsiResponsePdu pdu;
        pdu.task_tag = 0x101;
        pdu.stat_sn = stat_sn;
        return pdu.encode();
    };
    const auto data_in = [](uint32_t stat_sn) {
        Bhs bhs{};
        bhs[0] = static_cast<uint8_t>(Opcode::data_in);
        bhs[1] = 0x81;
        store_be32(&bhs[16], 0x101);
        store_be32(&bhs[24], stat_sn);
        return bhs;
    };
    const auto async = [](uint32_t stat_sn) {
        AsyncMessagePdu pdu;
        pdu.event = 5;
        pdu.stat_sn = stat_sn;
        return pdu.encode();
    };
    EXPECT_EQ(after(response(4)), TaskProblem::status_repeated);
    EXPECT_EQ(after(data_in(4)), TaskProblem::status_repeated);
    EXPECT_EQ(after(async(4)), TaskProblem::status_repeated);
    for (const uint32_t fresh : {5u, 6u}) {
        EXPECT_EQ(after(response(fresh)), TaskProblem::none);
        EXPECT_EQ(after(data_in(fresh)), TaskProblem::none);
        EXPECT_EQ(after(async(fresh)), TaskProblem::none);
    }
}

TEST(TaskClient, sends_as_much_data_as_the_target_asks_for) {
    constexpr size_t whole = 24;
    const auto after = [&](uint32_t offset, uint32_t length, auto check) {
        LoginResult login;
        login.parameters.immediate_data = false;
        Claim claim(our_key, Intent::claim);
        TaskClient client(login, Lun{}, claim);
        // The look at the reservation finds none; the registration that follows has data.
        const auto look = ScsiCommandPdu::decode(client.next_pdu()->bhs);
        Bhs nobody{};
        nobody[0] = static_cast<uint8_t>(Opcode::data_in);
        nobody[1] = 0x81;
        store_be32(&nobody[16], look->task_tag);
        store_be32(&nobody[32], look->cmd_sn + 1);  // MaxCmdSN
        client.receive_pdu({nobody, std::vector<uint8_t>(8)});
        const auto write = ScsiCommandPdu::decode(client.next_pdu()->bhs);
        ASSERT_TRUE(write && write->write);
        const std::vector<uint8_t> data(claim.command().out.begin(), claim.command().out.end());
        ASSERT_EQ(claim.command().out_length, whole);
        Bhs bhs{};
        bhs[0] = static_cast<uint8_t>(Opcode::ready_to_transfer);
        store_be32(&bhs[16], write->task_tag);
        store_be32(&bhs[40], offset);
        store_be32(&bhs[44], length);
        client.receive_pdu({bhs, {}});
        check(client, Bytes(data));
    };
    for (const auto& [offset, length] : {std::pair{0u, 24u}, {0u, 8u}, {8u, 16u}, {23u, 1u}}) {
        after(offset, length, [&](TaskClient& client, Bytes data) {
            const auto pdu = client.next_pdu();
            ASSERT_TRUE(pdu);
            EXPECT_EQ(load_be32(&pdu->bhs[40]), offset);
            EXPECT_TRUE(std::ranges::equal(pdu->data, data.subspan(offset, length)));
        });
    }
    for (const auto& [offset, length] :
         {std::pair{0u, 25u}, {0u, 0u}, {24u, 1u}, {8u, 17u}, {0xffffffffu, 1u}}) {
        after(offset, length, [&](TaskClient& client, Bytes) {
            EXPECT_EQ(client.failure().problem, TaskProblem::wants_too_much) << offset;
        });
    }
}

TEST(TaskClient, takes_no_more_data_than_it_asked_for) {
    Claim claim(our_key, Intent::claim);
    TaskClient client({}, Lun{}, claim);
    const auto asked = ScsiCommandPdu::decode(client.next_pdu()->bhs);
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::data_in);
    store_be32(&bhs[16], asked->task_tag);
    const std::vector<uint8_t> data(asked->expected_length + 1);
    EXPECT_EQ(client.receive_pdu({bhs, data}), TaskState::failed);
}

}  // namespace
}  // namespace bootwire::iscsi
