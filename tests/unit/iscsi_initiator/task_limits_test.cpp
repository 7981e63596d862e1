// What a TaskClient takes from a target, and what ends it.
#include <gtest/gtest.h>

#include "iscsi/pdu_scsi.h"
#include "iscsi_initiator/task_client.h"

namespace bootwire::iscsi {
namespace {

constexpr uint64_t our_key = 0x10000000a0770000, other_key = 0x10000000a0770001;
constexpr uint32_t first_tag = 0x101;

/// A task whose first command, the look at the reservation, has gone out.
class Task {
  public:
    Task() { client.next_pdu(); }

    TaskState give(const Bhs& bhs, Bytes data = {}) { return client.receive_pdu({bhs, data}); }
    TaskProblem problem() const { return client.failure().problem; }

    static LoginResult login() {
        LoginResult login;
        login.max_cmd_sn = 99;
        return login;
    }

    Claim claim{our_key, Intent::claim};
    TaskClient client{login(), Lun{}, claim};
};

Bhs data_in(uint32_t offset, bool has_status = false, uint32_t tag = first_tag) {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::data_in);
    bhs[1] = has_status ? 0x81 : 0x80;
    store_be32(&bhs[16], tag);
    store_be32(&bhs[40], offset);
    return bhs;
}

Bhs response_with(uint8_t status, uint8_t response = 0, uint32_t tag = first_tag,
                  uint32_t stat_sn = 0) {
    ScsiResponsePdu pdu;
    pdu.status = status;
    pdu.response = response;
    pdu.task_tag = tag;
    pdu.stat_sn = stat_sn;
    return pdu.encode();
}

Bhs ready_to_transfer(uint32_t tag) {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::ready_to_transfer);
    store_be32(&bhs[16], tag);
    store_be32(&bhs[44], 24);
    return bhs;
}

TEST(TaskLimits, are_512_pdus) {
    Task task;
    const Bhs notice = NopInPdu{}.encode();
    for (int i = 0; i < 512; ++i)
        ASSERT_EQ(task.give(notice), TaskState::receiving) << i;
    EXPECT_EQ(task.give(notice), TaskState::failed);
    EXPECT_EQ(task.problem(), TaskProblem::endless);
}

TEST(TaskLimits, are_the_bytes_that_the_command_asked_for) {
    const std::vector<uint8_t> data(65);
    Task whole, longer, in_pieces, longer_piece;
    EXPECT_EQ(whole.give(data_in(0), Bytes(data).first(64)), TaskState::receiving);
    EXPECT_EQ(longer.give(data_in(0), data), TaskState::failed);
    EXPECT_EQ(longer.problem(), TaskProblem::data_out_of_order);
    EXPECT_EQ(in_pieces.give(data_in(0), Bytes(data).first(40)), TaskState::receiving);
    EXPECT_EQ(in_pieces.give(data_in(40), Bytes(data).first(24)), TaskState::receiving);
    EXPECT_EQ(longer_piece.give(data_in(0), Bytes(data).first(40)), TaskState::receiving);
    EXPECT_EQ(longer_piece.give(data_in(40), Bytes(data).first(25)), TaskState::failed);
    EXPECT_EQ(longer_piece.problem(), TaskProblem::data_out_of_order);
}

TEST(TaskLimits, leave_room_for_the_longest_answer_there_is) {
    Task task;
    std::vector<uint8_t> held(24);
    store_be32(&held[4], 16);
    store_be64(&held[8], other_key);
    task.give(data_in(0, true), held);
    ASSERT_EQ(ScsiCommandPdu::decode(task.client.next_pdu()->bhs)->expected_length, max_task_data);
    const std::vector<uint8_t> names(max_task_data);
    ASSERT_EQ(task.give(data_in(0, false, first_tag + 1), names), TaskState::receiving);
    EXPECT_EQ(task.give(response_with(0, 0, first_tag + 1, 1)), TaskState::finished);
    EXPECT_EQ(task.claim.state(), ClaimState::in_use);
}

TEST(TaskData, comes_in_order) {
    for (const uint32_t wrong : {0u, 39u, 41u, 0xffffffffu}) {
        Task task;
        const std::vector<uint8_t> data(40);
        EXPECT_EQ(task.give(data_in(0), data), TaskState::receiving);
        EXPECT_EQ(task.give(data_in(wrong), Bytes(data).first(1)), TaskState::failed) << wrong;
        EXPECT_EQ(task.problem(), TaskProblem::data_out_of_order);
    }
    Task late;
    EXPECT_EQ(late.give(data_in(8), std::vector<uint8_t>(8)), TaskState::failed);
}

TEST(TaskData, is_put_together_before_the_claim_reads_it) {
    Task task;
    std::vector<uint8_t> held(24);
    store_be32(&held[4], 16);
    store_be64(&held[8], other_key);
    EXPECT_EQ(task.give(data_in(0), Bytes(held).first(10)), TaskState::receiving);
    EXPECT_EQ(task.give(data_in(10, true), Bytes(held).subspan(10)), TaskState::sending);
    task.client.next_pdu();
    // The holder's name is asked for, and not told.
    task.give(response_with(0x02, 0, first_tag + 1, 1));
    EXPECT_EQ(task.claim.failure().key, other_key);
}

TEST(TaskStatus, that_comes_with_the_data_is_that_of_the_command) {
    Task busy;
    Bhs bhs = data_in(0, true);
    bhs[3] = 0x08;
    EXPECT_EQ(busy.give(bhs, std::vector<uint8_t>(8)), TaskState::finished);
    EXPECT_EQ(busy.claim.failure().problem, ClaimProblem::busy);
    Task good;
    EXPECT_EQ(good.give(data_in(0, true), std::vector<uint8_t>(8)), TaskState::sending);
    EXPECT_EQ(good.claim.state(), ClaimState::asking);
}

TEST(TaskStatus, of_a_command_that_was_not_carried_out_is_none) {
    for (const uint8_t response : {1, 2, 0x80}) {
        Task task;
        EXPECT_EQ(task.give(response_with(0, response)), TaskState::failed) << int{response};
        EXPECT_EQ(task.problem(), TaskProblem::not_carried_out);
    }
}

TEST(TaskStatus, has_sense_data_as_far_as_there_are_bytes) {
    const auto sense_of = [](Bytes data) {
        Task task;
        task.give(response_with(0x02), data);
        return task.claim.failure();
    };
    const std::vector<uint8_t> whole{0, 18, 0x70, 0, 5,    0, 0, 0, 0, 10,
                                     0, 0,  0,    0, 0x20, 0, 0, 0, 0, 0};
    EXPECT_EQ(sense_of(whole).problem, ClaimProblem::not_supported);
    EXPECT_EQ(sense_of(whole).sense.code, 0x20);
    auto shorter = whole;
    shorter[1] = 13;
    EXPECT_EQ(sense_of(shorter).problem, ClaimProblem::not_supported);
    EXPECT_EQ(sense_of(shorter).sense.code, 0) << "the length says that it is not there";
    for (const size_t size : {0, 1, 2, 5})
        EXPECT_EQ(sense_of(Bytes(whole).first(size)).problem, ClaimProblem::refused) << size;
}

TEST(TaskTags, of_other_tasks_end_it) {
    for (const uint32_t other : {first_tag - 1, first_tag + 1, 0u}) {
        Task data, status, ready;
        EXPECT_EQ(data.give(data_in(0, true, other)), TaskState::failed);
        EXPECT_EQ(data.problem(), TaskProblem::wrong_task_tag);
        EXPECT_EQ(status.give(response_with(0, 0, other)), TaskState::failed);
        EXPECT_EQ(status.problem(), TaskProblem::wrong_task_tag);
        EXPECT_EQ(ready.give(ready_to_transfer(other)), TaskState::failed);
        EXPECT_EQ(ready.problem(), TaskProblem::wants_too_much);
    }
}

TEST(TaskPings, are_answered_if_they_want_to_be) {
    Task task;
    NopInPdu nop;
    EXPECT_EQ(task.give(nop.encode()), TaskState::receiving);
    EXPECT_FALSE(task.client.next_pdu());
    nop.target_transfer_tag = 0;
    EXPECT_EQ(task.give(nop.encode()), TaskState::sending);
    EXPECT_EQ(task.give(nop.encode()), TaskState::sending) << "first it is answered";
    EXPECT_TRUE(task.client.next_pdu());
    EXPECT_FALSE(task.client.next_pdu());
}

TEST(TaskOrder, has_an_end_that_nothing_changes) {
    Task finished, failed;
    finished.give(response_with(0x08));
    ASSERT_EQ(finished.client.state(), TaskState::finished);
    failed.give(response_with(0, 1));
    for (const auto& [task, state] :
         {std::pair{&finished, TaskState::finished}, {&failed, TaskState::failed}}) {
        const TaskProblem problem = task->problem();
        EXPECT_EQ(task->give(response_with(0)), state);
        EXPECT_EQ(task->client.connection_closed(), state);
        EXPECT_EQ(task->client.connection_unreadable(FrameState::too_long), state);
        EXPECT_FALSE(task->client.next_pdu());
        EXPECT_EQ(task->problem(), problem);
    }
}

TEST(TaskErrors, say_what_came_instead_of_an_answer) {
    Task rejected, odd, closed, damaged;
    RejectPdu reject;
    reject.reason = 9;
    EXPECT_EQ(rejected.give(reject.encode()), TaskState::failed);
    EXPECT_EQ(rejected.problem(), TaskProblem::rejected);
    EXPECT_EQ(rejected.client.failure().reject_reason, 9);
    EXPECT_EQ(odd.give(LoginResponsePdu{}.encode()), TaskState::failed);
    EXPECT_EQ(odd.problem(), TaskProblem::unexpected_pdu);
    EXPECT_EQ(odd.client.failure().opcode, Opcode::login_response);
    EXPECT_EQ(closed.client.connection_closed(), TaskState::failed);
    EXPECT_EQ(closed.problem(), TaskProblem::connection_closed);
    EXPECT_EQ(damaged.client.connection_unreadable(FrameState::data_digest_wrong),
              TaskState::failed);
    EXPECT_EQ(damaged.problem(), TaskProblem::digest_wrong);
}

}  // namespace
}  // namespace bootwire::iscsi
