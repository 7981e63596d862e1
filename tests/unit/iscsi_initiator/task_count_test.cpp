// The count of commands that a TaskClient keeps, and where it ends: at the kernel's next command.
#include <gtest/gtest.h>

#include "counting_target.h"
#include "iscsi/pdu_scsi.h"
#include "iscsi_initiator/task_client.h"

namespace bootwire::iscsi {
namespace {

constexpr uint64_t our_key = 0x10000000a0770000;
const Lun disk = Lun::from_linux(1);
// Such that it goes round before, with and after the first commands, and not at all.
constexpr uint32_t ends[] = {4711, 0, 1, 2, 3, 15, 0x80000000, 0x80000001, 0xffffffff};
constexpr uint32_t room = 16;

TEST(TaskCount, ends_at_the_kernels_number_whatever_the_claim_takes_of_it) {
    for (const uint32_t end : ends) {
        for (const int announcements : {0, 1, 5}) {
            CountingTarget target(end - room);
            target.unit.unit_attentions = announcements;
            Claim claim(our_key, Intent::claim);
            TaskClient client(target.login(), disk, claim, end);
            target.talk_to(client);
            ASSERT_EQ(client.state(), TaskState::finished) << end;
            EXPECT_EQ(claim.state(), ClaimState::done);
            EXPECT_NE(client.result().cmd_sn, end) << "so far only what was needed";
            client.fill_up();
            target.talk_to(client);
            EXPECT_EQ(client.state(), TaskState::finished);
            EXPECT_EQ(client.result().cmd_sn, end);
            EXPECT_EQ(target.exp_cmd_sn(), end);
            EXPECT_EQ(client.result().exp_stat_sn, target.stat_sn());
            EXPECT_EQ(target.unit.holder_key(), our_key);
        }
    }
}

TEST(TaskCount, is_not_gone_beyond_by_a_claim_that_comes_to_no_end) {
    CountingTarget target(8 - room);
    target.unit.unit_attentions = 1000;
    Claim claim(our_key, Intent::claim);
    TaskClient client(target.login(), disk, claim, 8);
    target.talk_to(client);
    EXPECT_EQ(client.state(), TaskState::failed);
    EXPECT_EQ(client.failure().problem, TaskProblem::endless);
    EXPECT_EQ(target.exp_cmd_sn(), 8u);
}

TEST(TaskCount, that_is_full_needs_nothing_more) {
    CountingTarget target(7);
    Claim claim(0, Intent::use);
    TaskClient client(target.login(), disk, claim, 8);
    target.talk_to(client);
    EXPECT_EQ(client.fill_up(), TaskState::finished);
    EXPECT_FALSE(client.next_pdu());
    EXPECT_EQ(client.result().cmd_sn, 8u);
}

TEST(TaskCount, goes_on_from_one_claim_to_the_next) {
    CountingTarget target(100 - room);
    Claim use(0, Intent::use), claim(our_key, Intent::claim);
    TaskClient first(target.login(), disk, use, 100);
    target.talk_to(first);
    ASSERT_EQ(first.state(), TaskState::finished);
    TaskClient second(first.result(), disk, claim, 100);
    target.talk_to(second);
    second.fill_up();
    target.talk_to(second);
    EXPECT_EQ(second.result().cmd_sn, 100u);
    EXPECT_EQ(target.exp_cmd_sn(), 100u);
}

TEST(TaskCount, is_filled_up_in_one_go_as_far_as_the_window_is_open) {
    for (const uint32_t window : {1u, 3u, 32u}) {
        CountingTarget target(5 - room, window);
        Claim claim(0, Intent::use);
        TaskClient client(target.login(), disk, claim, 5);
        target.talk_to(client);
        client.fill_up();
        target.talk_to(client);
        EXPECT_EQ(client.state(), TaskState::finished);
        EXPECT_EQ(client.result().cmd_sn, 5u);
        EXPECT_EQ(target.most_at_once(), std::min(window, room - 1));
    }
}

TEST(TaskCount, is_filled_up_whatever_is_answered_and_in_whichever_order) {
    CountingTarget target(50 - room);
    target.answers_backwards = true;
    Claim claim(0, Intent::use);
    TaskClient client(target.login(), disk, claim, 50);
    target.talk_to(client);
    target.unit.refusal = {2, 4, 1};
    client.fill_up();
    target.talk_to(client);
    EXPECT_EQ(client.state(), TaskState::finished);
    EXPECT_EQ(client.result().exp_stat_sn, target.stat_sn());
}

TEST(TaskCount, waits_while_the_window_is_closed) {
    CountingTarget target(7, 0);
    Claim claim(0, Intent::use);
    TaskClient client(target.login(), disk, claim);
    EXPECT_EQ(client.state(), TaskState::receiving);
    EXPECT_FALSE(client.next_pdu());
    target.window = 1;
    target.open_window(client);
    EXPECT_EQ(client.state(), TaskState::sending);
    target.talk_to(client);
    EXPECT_EQ(client.state(), TaskState::finished);
    EXPECT_EQ(target.exp_cmd_sn(), 8u);
}

TEST(TaskCount, takes_nothing_for_an_answer_before_the_command_is_sent) {
    CountingTarget target(7, 0);
    Claim claim(0, Intent::use);
    TaskClient client(target.login(), disk, claim);
    ScsiResponsePdu response;
    response.task_tag = 0x101;
    response.stat_sn = 40;
    EXPECT_EQ(client.receive_pdu({response.encode(), {}}), TaskState::failed);
    EXPECT_EQ(client.failure().problem, TaskProblem::wrong_task_tag);
}

TEST(TaskCount, begins_where_the_login_says_nothing_of_use_about_the_window) {
    for (const auto& [exp_cmd_sn, max_cmd_sn] : {std::pair{0u, 0u}, {4711u, 4710u}, {4712u, 9u}}) {
        LoginResult login;
        login.cmd_sn = 99;
        login.exp_cmd_sn = exp_cmd_sn;
        login.max_cmd_sn = max_cmd_sn;
        Claim claim(0, Intent::use);
        TaskClient client(login, disk, claim);
        EXPECT_TRUE(client.next_pdu()) << exp_cmd_sn;
    }
}

TEST(TaskCount, is_told_with_the_answer_to_a_ping_and_left_alone_by_it) {
    CountingTarget target(7);
    Claim claim(0, Intent::use);
    TaskClient client(target.login(), disk, claim);
    client.next_pdu();
    NopInPdu ping;
    ping.target_transfer_tag = 42;
    client.receive_pdu({ping.encode(), {}});
    const auto pong = client.next_pdu();
    ASSERT_TRUE(pong);
    EXPECT_TRUE(is_immediate(pong->bhs));
    EXPECT_EQ(NopOutPdu::decode(pong->bhs)->cmd_sn, 8u) << "of the next command";
    EXPECT_EQ(client.result().cmd_sn, 8u);
}

}  // namespace
}  // namespace bootwire::iscsi
