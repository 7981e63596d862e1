// Data both ways, and how commands end.
#include "session_fixture.h"

namespace bootwire::iscsi {
namespace {

using Kind = SessionEvent::Kind;

class SessionData : public SessionFixture {};

TEST_F(SessionData, of_a_read_goes_out_as_the_initiator_takes_it_with_the_status_in_the_last) {
    read(5, 2560);
    session->complete(5, {.length = 2560}, some(0, 2560));
    uint32_t offset = 0;
    for (uint32_t i = 0; i < 5; ++i) {
        const auto pdu = sent_as<DataInPdu>();
        EXPECT_EQ(pdu.task_tag, 5u);
        EXPECT_EQ(pdu.data_sn, i);
        EXPECT_EQ(pdu.buffer_offset, offset);
        EXPECT_EQ(pdu.final, i % 2 == 1 || i == 4) << "a burst is two of them";
        EXPECT_EQ(pdu.has_status, i == 4);
        EXPECT_TRUE(std::ranges::equal(last_data, some(offset, 512)));
        EXPECT_EQ(pdu.stat_sn, i == 4 ? 100u : 0u);
        EXPECT_EQ(pdu.exp_cmd_sn, 11u);
        offset += 512;
    }
    EXPECT_TRUE(nothing_sent());
    EXPECT_EQ(session->tasks(), 0u);
}

TEST_F(SessionData, of_a_read_is_not_copied) {
    read(5, 512);
    session->complete(5, {.length = 512}, some(0, 512));
    EXPECT_EQ(session->next_pdu()->view().data.data(), bytes.data());
}

TEST_F(SessionData, of_a_read_may_come_in_parts_and_end_with_a_response) {
    read(5, 1024);
    session->send_data(5, some(0, 300));
    session->send_data(5, some(300, 724));
    session->complete(5, {.length = 1024});
    EXPECT_EQ(sent_as<DataInPdu>().buffer_offset, 0u);
    auto pdu = sent_as<DataInPdu>();
    EXPECT_EQ(pdu.buffer_offset, 300u);
    EXPECT_FALSE(pdu.final);
    pdu = sent_as<DataInPdu>();
    EXPECT_EQ(pdu.buffer_offset, 812u);
    EXPECT_TRUE(pdu.final);
    EXPECT_FALSE(pdu.has_status);
    const auto response = sent_as<ScsiResponsePdu>();
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.exp_data_sn, 3u);
    EXPECT_EQ(response.residual_count, 0u);
}

TEST_F(SessionData, that_differs_from_what_is_expected_leaves_a_residual) {
    struct Case {
        uint32_t expected, length;
        bool overflow, underflow;
        uint32_t residual;
    };
    for (const Case& one : {Case{512, 300, false, true, 212},
                            {300, 512, true, false, 212},
                            {512, 512, false, false, 0}}) {
        begin(login());
        read(5, one.expected);
        session->complete(5, {.length = one.length}, some(0, one.length));
        const auto pdu = sent_as<DataInPdu>();
        EXPECT_EQ(last_data.size(), std::min(one.expected, one.length));
        EXPECT_TRUE(pdu.has_status);
        EXPECT_EQ(pdu.overflow, one.overflow);
        EXPECT_EQ(pdu.underflow, one.underflow);
        EXPECT_EQ(pdu.residual_count, one.residual);
        write(6, one.expected);
        session->complete(6, {.length = one.length});
        const auto response = sent_as<ScsiResponsePdu>();
        EXPECT_EQ(response.overflow, one.overflow);
        EXPECT_EQ(response.underflow, one.underflow);
        EXPECT_EQ(response.residual_count, one.residual);
    }
}

TEST_F(SessionData, of_a_command_that_fails_are_its_sense) {
    read(5, 512);
    const std::vector<uint8_t> sense{0x70, 0, 3, 4};
    session->complete(5, {ScsiStatus::check_condition, sense, 0}, {});
    const auto pdu = sent_as<ScsiResponsePdu>();
    EXPECT_EQ(pdu.status, 2);
    EXPECT_TRUE(std::ranges::equal(sense_in(last_data), sense));
    EXPECT_TRUE(pdu.underflow);
}

TEST_F(SessionData, of_a_write_may_come_with_the_command) {
    write(5, 300, some(0, 300));
    const SessionEvent data = event();
    EXPECT_EQ(data.kind, Kind::data);
    EXPECT_EQ(data.task_tag, 5u);
    EXPECT_EQ(data.offset, 0u);
    EXPECT_TRUE(std::ranges::equal(data.data, some(0, 300)));
    EXPECT_TRUE(no_event());
    session->want_data(5, 300);
    EXPECT_EQ(event().kind, Kind::data_complete);
    EXPECT_TRUE(nothing_sent()) << "nothing has to be asked for";
    session->complete(5, {.length = 300});
    EXPECT_EQ(sent_as<ScsiResponsePdu>().status, 0);
}

TEST_F(SessionData, of_a_write_come_unasked_up_to_the_first_burst_and_then_as_they_are_asked_for) {
    write(5, 2000, some(0, 200), false);
    session->want_data(5, 2000);
    EXPECT_TRUE(nothing_sent()) << "more comes unasked";
    data_out(5, reserved_tag, 0, 200, false, some(200, 100));
    data_out(5, reserved_tag, 1, 300, true, some(300, 212));
    auto r2t = sent_as<ReadyToTransferPdu>();
    EXPECT_EQ(r2t.task_tag, 5u);
    EXPECT_EQ(r2t.lun, lun);
    EXPECT_EQ(r2t.r2t_sn, 0u);
    EXPECT_EQ(r2t.buffer_offset, 512u);
    EXPECT_EQ(r2t.desired_length, 1024u);
    EXPECT_NE(r2t.target_transfer_tag, reserved_tag);
    EXPECT_EQ(r2t.stat_sn, 100u) << "the next one";
    EXPECT_TRUE(nothing_sent()) << "one at a time was agreed on";
    data_out(5, r2t.target_transfer_tag, 0, 512, false, some(512, 512));
    data_out(5, r2t.target_transfer_tag, 1, 1024, true, some(1024, 512));
    const uint32_t first_tag = r2t.target_transfer_tag;
    r2t = sent_as<ReadyToTransferPdu>();
    EXPECT_EQ(r2t.r2t_sn, 1u);
    EXPECT_EQ(r2t.buffer_offset, 1536u);
    EXPECT_EQ(r2t.desired_length, 464u);
    EXPECT_NE(r2t.target_transfer_tag, first_tag);
    data_out(5, r2t.target_transfer_tag, 0, 1536, true, some(1536, 464));
    std::vector<uint8_t> arrived;
    for (SessionEvent next = event(); next.kind == Kind::data; next = event()) {
        EXPECT_EQ(next.offset, arrived.size());
        arrived.insert(arrived.end(), next.data.begin(), next.data.end());
    }
    EXPECT_TRUE(std::ranges::equal(arrived, some(0, 2000)));
    EXPECT_TRUE(no_event());
    session->complete(5, {.length = 2000});
    const auto response = sent_as<ScsiResponsePdu>();
    EXPECT_EQ(response.stat_sn, 100u);
    EXPECT_EQ(response.exp_data_sn, 2u) << "R2Ts are counted with them";
}

TEST_F(SessionData, are_asked_for_by_as_many_r2ts_as_may_be_outstanding) {
    auto two = login();
    two.parameters.max_outstanding_r2t = 2;
    begin(two);
    write(5, 3000);
    session->want_data(5, 2500);
    const auto first = sent_as<ReadyToTransferPdu>(), second = sent_as<ReadyToTransferPdu>();
    EXPECT_EQ(second.buffer_offset, 1024u);
    EXPECT_TRUE(nothing_sent());
    data_out(5, first.target_transfer_tag, 0, 0, true, some(0, 1024));
    const auto third = sent_as<ReadyToTransferPdu>();
    EXPECT_EQ(third.buffer_offset, 2048u);
    EXPECT_EQ(third.desired_length, 452u) << "no more than the command wants";
}

TEST_F(SessionData, that_is_lent_has_a_place_before_it_comes) {
    auto pdu = command(5, 400);
    pdu.write = true;
    Bhs bhs = pdu.encode();
    set_data_length(bhs, 300);
    const auto place = session->place_of(bhs);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->task_tag, 5u);
    EXPECT_EQ(place->offset, 0u);
    EXPECT_EQ(place->length, 300u);
    set_data_length(bhs, 401);
    EXPECT_FALSE(session->place_of(bhs)) << "more than it announces";
    write(5, 400);
    DataOutPdu data;
    data.task_tag = 5;
    data.buffer_offset = 100;
    bhs = data.encode();
    set_data_length(bhs, 300);
    EXPECT_EQ(session->place_of(bhs)->offset, 100u);
    set_data_length(bhs, 301);
    EXPECT_FALSE(session->place_of(bhs));
    data.task_tag = 6;
    bhs = data.encode();
    set_data_length(bhs, 1);
    EXPECT_FALSE(session->place_of(bhs)) << "there is no such task";
    EXPECT_FALSE(session->place_of(NopOutPdu{}.encode()));
}

TEST_F(SessionData, of_a_task_that_has_ended_is_of_no_concern) {
    write(5, 512, {}, false);
    session->complete(5, {ScsiStatus::busy, {}, 0});
    EXPECT_EQ(sent_as<ScsiResponsePdu>().status, 8);
    data_out(5, reserved_tag, 0, 0, true, some(0, 512));
    EXPECT_TRUE(no_event());
    EXPECT_TRUE(nothing_sent());
    EXPECT_EQ(session->state(), SessionState::open);
}

/// What each of them breaks.
TEST_F(SessionData, that_was_not_agreed_on_ends_the_session) {
    const auto immediate = [&](uint32_t expected, size_t length, bool write, bool final) {
        auto pdu = command(5, expected);
        pdu.write = write;
        pdu.read = !write;
        pdu.final = final;
        receive(pdu.encode(), some(0, length));
        expect_failure();
        EXPECT_TRUE(no_event());
    };
    immediate(512, 1, false, true);
    begin(login());
    immediate(512, 0, false, false);
    begin(login());
    immediate(100, 101, true, true);
    begin(login());
    immediate(600, 513, true, true);
    auto none = login();
    none.parameters.immediate_data = false;
    begin(none);
    immediate(100, 1, true, true);
    none.parameters.initial_r2t = true;
    begin(none);
    immediate(100, 0, true, false);
}

TEST_F(SessionData, that_comes_out_of_order_ends_the_session) {
    struct Case {
        uint32_t tag, sn, offset;
        bool final;
        size_t length;
    };
    for (const Case& wrong : {Case{reserved_tag, 1, 100, true, 50},  // DataSN
                              {reserved_tag, 0, 99, true, 50},       // offset
                              {reserved_tag, 0, 100, true, 413},     // beyond the first burst
                              {7, 0, 100, true, 50}}) {              // no R2T
        begin(login());
        write(5, 1000, some(0, 100), false);
        event();
        data_out(5, wrong.tag, wrong.sn, wrong.offset, wrong.final, some(0, wrong.length));
        expect_failure();
        EXPECT_TRUE(no_event());
    }
    for (const Case& wrong : {Case{1, 1, 0, false, 50},  // DataSN
                              {1, 0, 1, false, 50},      // offset
                              {1, 0, 0, true, 50},       // final too early
                              {1, 0, 0, false, 1000},    // and not where it should be
                              {1, 0, 0, true, 1001},     // more than was asked for
                              {2, 0, 0, true, 1000}}) {  // another one's R2T
        begin(login());
        write(5, 1000);
        session->want_data(5, 1000);
        ASSERT_EQ(sent_as<ReadyToTransferPdu>().target_transfer_tag, 1u);
        data_out(5, wrong.tag, wrong.sn, wrong.offset, wrong.final, some(0, wrong.length));
        expect_failure();
    }
}

TEST_F(SessionData, both_ways_in_one_command_is_an_invalid_field) {
    auto pdu = command(5, 10);
    pdu.read = pdu.write = true;
    receive(pdu.encode());
    EXPECT_TRUE(no_event());
    EXPECT_EQ(sent_as<ScsiResponsePdu>().status, 2);
    EXPECT_EQ(decode_sense(sense_in(last_data))->code, 0x24);
    EXPECT_EQ(session->tasks(), 0u);
}

TEST_F(SessionData, of_a_cdb_beyond_its_16th_byte_is_told) {
    const std::vector<uint8_t> more{1, 2, 3, 4};
    std::array<uint8_t, 32> segments;
    AdditionalHeader header;
    header.more_cdb = more;
    receive(command(5).encode(), {}, header.encode(segments));
    EXPECT_EQ(event().command.more_cdb, more);
    ++cmd_sn;
    receive(command(6).encode(), {}, some(0, 4));
    EXPECT_EQ(session->state(), SessionState::closing) << "segments that are none";
}

}  // namespace
}  // namespace bootwire::iscsi
