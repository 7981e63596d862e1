// All of a session but data: numbers, task management, text, NOPs, the end.
#include "session_fixture.h"

namespace bootwire::iscsi {
namespace {

using namespace std::literals;

using Kind = SessionEvent::Kind;

class Session : public SessionFixture {};

TEST_F(Session, tells_of_commands_in_their_order) {
    auto pdu = command(5, 0);
    pdu.cdb[0] = 0x35;
    pdu.attribute = TaskAttribute::ordered;
    receive(pdu.encode());
    const SessionEvent first = event();
    EXPECT_EQ(first.kind, Kind::command);
    EXPECT_EQ(first.task_tag, 5u);
    EXPECT_EQ(first.command.pdu.cdb[0], 0x35);
    EXPECT_EQ(first.command.pdu.lun, lun);
    EXPECT_EQ(first.command.pdu.attribute, TaskAttribute::ordered);
    session->complete(5, {});
    const auto response = sent_as<ScsiResponsePdu>();
    EXPECT_EQ(response.stat_sn, 100u);
    EXPECT_EQ(response.exp_cmd_sn, 11u);
    EXPECT_EQ(response.max_cmd_sn, 14u);
}

TEST_F(Session, ignores_commands_outside_of_the_window_and_ends_at_a_gap) {
    for (const uint32_t number : {9u, 14u}) {
        auto pdu = command(5);
        pdu.cmd_sn = number;
        receive(pdu.encode());
        EXPECT_TRUE(no_event()) << number;
        EXPECT_TRUE(nothing_sent()) << number;
    }
    auto pdu = command(5);
    pdu.cmd_sn = 12;
    receive(pdu.encode());
    expect_failure();
}

TEST_F(Session, closes_its_window_while_it_has_its_fill) {
    for (uint32_t tag = 1; tag <= 4; ++tag)
        read(tag, 8);
    session->complete(4, {});
    auto pdu = sent_as<ScsiResponsePdu>();
    EXPECT_EQ(pdu.exp_cmd_sn, 14u);
    EXPECT_EQ(pdu.max_cmd_sn, 14u) << "three are under way, so one may come";
    read(5, 8);
    auto beyond = command(6);
    receive(beyond.encode());
    EXPECT_TRUE(no_event()) << "as it was told";
    for (uint32_t tag = 1; tag <= 3; ++tag) {
        session->complete(tag, {});
        EXPECT_EQ(sent_as<ScsiResponsePdu>().max_cmd_sn, 14u + tag);
    }
}

TEST_F(Session, takes_few_immediate_commands_which_no_window_holds_back) {
    for (uint32_t tag = 1; tag <= 3; ++tag) {
        auto pdu = command(tag);
        pdu.immediate = true;
        receive(pdu.encode());
    }
    EXPECT_EQ(event().task_tag, 1u);
    EXPECT_EQ(event().task_tag, 2u);
    EXPECT_TRUE(no_event());
    EXPECT_EQ(sent_as<RejectPdu>().reason,
              static_cast<uint8_t>(RejectReason::too_many_immediate_commands));
    EXPECT_EQ(session->state(), SessionState::open);
    session->complete(1, {});
    EXPECT_EQ(sent_as<ScsiResponsePdu>().exp_cmd_sn, 10u) << "they take no number";
    auto pdu = command(4);
    pdu.immediate = true;
    receive(pdu.encode());
    EXPECT_EQ(event().task_tag, 4u);
}

TEST_F(Session, has_each_tag_once) {
    read(5, 8);
    auto again = command(5);
    receive(again.encode());
    EXPECT_TRUE(no_event());
    EXPECT_EQ(sent_as<RejectPdu>().reason, static_cast<uint8_t>(RejectReason::task_in_progress));
    EXPECT_EQ(session->tasks(), 1u);
}

TEST_F(Session, answers_a_ping_with_its_data) {
    NopOutPdu ping;
    ping.task_tag = 7;
    ping.lun = lun;
    ping.cmd_sn = cmd_sn;
    receive(ping.encode(), some(0, 600));
    const auto pong = sent_as<NopInPdu>();
    EXPECT_EQ(pong.task_tag, 7u);
    EXPECT_EQ(pong.target_transfer_tag, reserved_tag);
    EXPECT_EQ(pong.lun, lun);
    EXPECT_EQ(pong.stat_sn, 100u);
    EXPECT_TRUE(std::ranges::equal(last_data, some(0, 512))) << "as much as it takes";
    session->ping();
    EXPECT_EQ(sent_as<NopInPdu>().stat_sn, 101u);
}

TEST_F(Session, pings_once_at_a_time_and_not_where_nobody_has_to_answer) {
    EXPECT_TRUE(session->ping());
    EXPECT_FALSE(session->ping());
    const auto ping = sent_as<NopInPdu>();
    EXPECT_EQ(ping.task_tag, reserved_tag);
    EXPECT_NE(ping.target_transfer_tag, reserved_tag);
    NopOutPdu pong;
    pong.target_transfer_tag = ping.target_transfer_tag + 1;
    receive(pong.encode());
    EXPECT_TRUE(session->awaits_pong());
    pong.target_transfer_tag = ping.target_transfer_tag;
    receive(pong.encode());
    EXPECT_EQ(event().kind, Kind::pong);
    EXPECT_FALSE(session->awaits_pong());
    EXPECT_TRUE(nothing_sent());
    begin(login(), SessionType::discovery);
    EXPECT_FALSE(session->ping());
}

TEST_F(Session, gives_up_the_tasks_that_are_to_be_aborted_and_answers_when_they_are) {
    read(5, 8);
    read(6, 8);
    receive(management(TaskManagement::abort_task, 5).encode());
    const SessionEvent abort = event();
    EXPECT_EQ(abort.kind, Kind::task_management);
    EXPECT_EQ(abort.tasks, std::vector<uint32_t>{5});
    EXPECT_EQ(abort.management.function, TaskManagement::abort_task);
    session->complete(5, {}, some(0, 8));
    EXPECT_TRUE(nothing_sent()) << "no response follows to a task that was aborted";
    session->answer_task_management(900, TaskManagementAnswer::complete);
    const auto answer = sent_as<TaskManagementResponsePdu>();
    EXPECT_EQ(answer.task_tag, 900u);
    EXPECT_EQ(answer.response, TaskManagementAnswer::complete);
    EXPECT_EQ(session->tasks(), 1u);
    session->complete(6, {});
    sent_as<ScsiResponsePdu>();
}

TEST_F(Session, goes_on_with_tasks_whose_abort_failed) {
    read(5, 8);
    receive(management(TaskManagement::abort_task, 5).encode());
    event();
    session->answer_task_management(900, TaskManagementAnswer::rejected);
    sent_as<TaskManagementResponsePdu>();
    session->complete(5, {});
    EXPECT_EQ(sent_as<ScsiResponsePdu>().task_tag, 5u);
}

TEST_F(Session, knows_which_tasks_each_function_is_about) {
    for (const auto& [function, affected] : {std::pair{TaskManagement::abort_task_set, 1u},
                                             {TaskManagement::clear_task_set, 1u},
                                             {TaskManagement::logical_unit_reset, 1u},
                                             {TaskManagement::target_warm_reset, 2u},
                                             {TaskManagement::target_cold_reset, 2u},
                                             {TaskManagement::clear_aca, 0u}}) {
        begin(login());
        lun.wire = uint64_t{1} << 48;
        read(5, 8);
        lun.wire = uint64_t{2} << 48;
        read(6, 8);
        receive(management(function).encode());
        EXPECT_EQ(event().tasks.size(), affected) << int(function);
        session->answer_task_management(900, TaskManagementAnswer::complete);
        EXPECT_EQ(sent_as<TaskManagementResponsePdu>().response, TaskManagementAnswer::complete);
        EXPECT_EQ(session->tasks(), 2 - affected);
    }
}

TEST_F(Session, says_what_it_cannot_manage) {
    for (const auto& [function, answer] :
         {std::pair{TaskManagement::abort_task, TaskManagementAnswer::no_such_task},
          {TaskManagement::task_reassign, TaskManagementAnswer::no_reassignment},
          {TaskManagement{9}, TaskManagementAnswer::not_supported}}) {
        receive(management(function, 77).encode());
        EXPECT_TRUE(no_event());
        EXPECT_EQ(sent_as<TaskManagementResponsePdu>().response, answer);
    }
}

TEST_F(Session, tells_targets_as_they_fit_into_pdus) {
    begin(login(), SessionType::discovery);
    TextRequestPdu question;
    question.task_tag = 8;
    question.cmd_sn = cmd_sn++;
    receive(question.encode(), bytes_of("SendTargets=All\0"sv));
    const SessionEvent wanted = event();
    EXPECT_EQ(wanted.kind, Kind::targets_wanted);
    EXPECT_EQ(wanted.text, "All");
    EXPECT_TRUE(nothing_sent());
    session->answer_targets(some(0, 1000));
    auto response = sent_as<TextResponsePdu>();
    EXPECT_EQ(response.task_tag, 8u);
    EXPECT_TRUE(response.continues);
    EXPECT_FALSE(response.final);
    EXPECT_EQ(last_data.size(), 512u);
    question.target_transfer_tag = response.target_transfer_tag;
    question.cmd_sn = cmd_sn++;
    receive(question.encode());
    response = sent_as<TextResponsePdu>();
    EXPECT_TRUE(response.final);
    EXPECT_EQ(response.target_transfer_tag, reserved_tag);
    EXPECT_TRUE(std::ranges::equal(last_data, some(512, 488)));
    question.cmd_sn = cmd_sn++;
    receive(question.encode());  // the exchange is over
    expect_failure();
}

TEST_F(Session, takes_text_in_pieces_and_answers_each_key) {
    TextRequestPdu question;
    question.task_tag = 8;
    question.final = false;
    question.continues = true;
    question.cmd_sn = cmd_sn++;
    receive(question.encode(), bytes_of("X-com.example"));
    const auto more = sent_as<TextResponsePdu>();
    EXPECT_FALSE(more.final);
    EXPECT_TRUE(last_data.empty());
    question.final = true;
    question.continues = false;
    question.target_transfer_tag = more.target_transfer_tag;
    question.cmd_sn = cmd_sn++;
    constexpr auto rest =
        ".a=1\0MaxRecvDataSegmentLength=1024\0InitialR2T=Yes\0SendTargets=All\0"sv;
    receive(question.encode(), bytes_of(rest));
    EXPECT_TRUE(sent_as<TextResponsePdu>().final);
    EXPECT_EQ(std::string(last_data.begin(), last_data.end()),
              "X-com.example.a=NotUnderstood\0InitialR2T=Reject\0SendTargets=Reject\0"s);
    read(5, 1024);
    session->complete(5, {.length = 1024}, some(0, 1024));
    EXPECT_EQ(sent().data.size(), 1024u) << "as long as was just told";
    EXPECT_TRUE(nothing_sent());
}

TEST_F(Session, logs_out) {
    LogoutRequestPdu request;
    request.task_tag = 9;
    request.cmd_sn = cmd_sn;
    read(5, 8);
    receive(request.encode());
    EXPECT_EQ(event().kind, Kind::logged_out);
    EXPECT_EQ(session->state(), SessionState::closing);
    session->complete(5, {});
    const auto response = sent_as<LogoutResponsePdu>();
    EXPECT_EQ(response.task_tag, 9u);
    EXPECT_EQ(response.response, 0);
    EXPECT_TRUE(nothing_sent());
    EXPECT_EQ(session->state(), SessionState::closed);
    receive(NopOutPdu{}.encode());
    EXPECT_TRUE(nothing_sent());
}

TEST_F(Session, closes_its_own_connection_and_no_other) {
    LogoutRequestPdu request;
    request.reason = LogoutReason::close_connection;
    request.cid = 4;
    receive(request.encode());
    EXPECT_EQ(sent_as<LogoutResponsePdu>().response, 1);
    request.reason = LogoutReason::for_recovery;
    receive(request.encode());
    EXPECT_EQ(sent_as<LogoutResponsePdu>().response, 2);
    EXPECT_EQ(session->state(), SessionState::open);
    request.reason = LogoutReason::close_connection;
    request.cid = 3;
    receive(request.encode());
    EXPECT_EQ(sent_as<LogoutResponsePdu>().response, 0);
    EXPECT_EQ(session->state(), SessionState::closed);
}

TEST_F(Session, asks_for_a_logout_and_announces_what_happens_to_a_disk) {
    session->ask_for_logout(10);
    auto message = sent_as<AsyncMessagePdu>();
    EXPECT_EQ(message.event, 1);
    EXPECT_EQ(message.parameters[2], 10);
    EXPECT_EQ(message.stat_sn, 100u);
    session->announce(lun, some(0, 18));
    message = sent_as<AsyncMessagePdu>();
    EXPECT_EQ(message.event, 0);
    EXPECT_EQ(message.lun, lun);
    EXPECT_EQ(message.stat_sn, 101u);
    EXPECT_TRUE(std::ranges::equal(sense_in(last_data), some(0, 18)));
}

TEST_F(Session, rejects_snack_and_goes_on) {
    Bhs snack{};
    snack[0] = static_cast<uint8_t>(Opcode::snack_request);
    receive(snack);
    EXPECT_EQ(sent_as<RejectPdu>().reason, static_cast<uint8_t>(RejectReason::snack));
    EXPECT_TRUE(std::ranges::equal(last_data, snack));
    EXPECT_EQ(session->state(), SessionState::open);
}

TEST_F(Session, ends_at_what_no_initiator_says_there) {
    for (const Bhs& header : {LoginRequestPdu{}.encode(), NopInPdu{}.encode(), Bhs{0x3e}}) {
        begin(login());
        receive(header);
        expect_failure();
    }
    begin(login(), SessionType::discovery);
    receive(command(5).encode());
    expect_failure();
}

TEST_F(Session, ends_where_somebody_asks_and_asks_and_does_not_read) {
    NopOutPdu ping;
    ping.task_tag = 7;
    for (int i = 0; i < 16; ++i)
        receive(ping.encode());
    EXPECT_EQ(session->state(), SessionState::open);
    receive(ping.encode());
    EXPECT_EQ(session->state(), SessionState::closed);
}

}  // namespace
}  // namespace bootwire::iscsi
