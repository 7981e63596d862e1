#include "iscsi/pdu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "iscsi/async.h"
#include "iscsi/frame.h"
#include "iscsi/logout.h"

namespace bootwire::iscsi {
namespace {

TEST(LoginRequestPdu, has_its_fields_where_the_rfc_puts_them) {
    LoginRequestPdu pdu;
    pdu.transit = true;
    pdu.current = Stage::operational;
    pdu.next = Stage::full_feature;
    pdu.isid.bytes = {0x80, 1, 2, 3, 4, 5};
    pdu.tsih = 0x1122;
    pdu.task_tag = 0x33445566;
    pdu.cid = 0x7788;
    pdu.cmd_sn = 0x99aabbcc;
    pdu.exp_stat_sn = 0xddeeff00;
    const Bhs bhs = pdu.encode();
    const Bhs expected{0x43, 0x87, 0,    0,    0,    0,    0,    0,    0x80, 1,    2,
                       3,    4,    5,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                       0,    0,    0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00};
    EXPECT_EQ(bhs, expected);
    EXPECT_TRUE(is_immediate(bhs));
    EXPECT_FALSE(LoginResponsePdu::decode(bhs));
}

/// The fields that differ between PDUs of the initiator: byte 8 to 23.
TEST(NopOutPdu, has_its_fields_where_the_rfc_puts_them) {
    NopOutPdu pdu;
    pdu.lun.wire = 0x0102030405060708;
    pdu.task_tag = 0x11121314;
    pdu.target_transfer_tag = 0x21222324;
    pdu.cmd_sn = 0x31323334;
    pdu.exp_stat_sn = 0x41424344;
    const Bhs expected{0x40, 0x80, 0,    0,    0,    0,    0,    0,    1,    2,    3,
                       4,    5,    6,    7,    8,    0x11, 0x12, 0x13, 0x14, 0x21, 0x22,
                       0x23, 0x24, 0x31, 0x32, 0x33, 0x34, 0x41, 0x42, 0x43, 0x44};
    EXPECT_EQ(pdu.encode(), expected);
    const auto read = NopOutPdu::decode(expected);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->lun.wire, pdu.lun.wire);
    EXPECT_EQ(read->task_tag, pdu.task_tag);
    EXPECT_EQ(read->target_transfer_tag, pdu.target_transfer_tag);
    EXPECT_EQ(read->cmd_sn, pdu.cmd_sn);
    EXPECT_EQ(read->exp_stat_sn, pdu.exp_stat_sn);
}

TEST(NopInPdu, has_its_fields_where_the_rfc_puts_them) {
    NopInPdu pdu;
    pdu.lun.wire = 0x0102030405060708;
    pdu.task_tag = 0x11121314;
    pdu.target_transfer_tag = 0x21222324;
    pdu.stat_sn = 0x31323334;
    pdu.exp_cmd_sn = 0x41424344;
    pdu.max_cmd_sn = 0x51525354;
    const Bhs expected{0x20, 0x80, 0,    0,    0,    0,    0,    0,    1,    2,    3,    4,
                       5,    6,    7,    8,    0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24,
                       0x31, 0x32, 0x33, 0x34, 0x41, 0x42, 0x43, 0x44, 0x51, 0x52, 0x53, 0x54};
    EXPECT_EQ(pdu.encode(), expected);
    const auto read = NopInPdu::decode(expected);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->lun.wire, pdu.lun.wire);
    EXPECT_EQ(read->target_transfer_tag, pdu.target_transfer_tag);
    EXPECT_EQ(read->max_cmd_sn, pdu.max_cmd_sn);
}

TEST(AsyncMessagePdu, has_its_fields_where_the_rfc_puts_them) {
    AsyncMessagePdu pdu;
    pdu.lun.wire = 0x0102030405060708;
    pdu.event = 0x61;
    pdu.vendor_code = 0x62;
    pdu.parameters = {0x6364, 0x6566, 0x6768};
    const Bhs bhs = pdu.encode();
    EXPECT_EQ(load_be64(&bhs[8]), pdu.lun.wire);
    const std::array<uint8_t, 8> expected{0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68};
    EXPECT_TRUE(std::ranges::equal(Bytes(bhs).subspan(36, 8), expected));
    EXPECT_EQ(AsyncMessagePdu::decode(bhs)->lun.wire, pdu.lun.wire);
    EXPECT_EQ(AsyncMessagePdu::decode(bhs)->parameters, pdu.parameters);
}

TEST(LogoutResponsePdu, tells_times_and_result) {
    LogoutResponsePdu pdu;
    pdu.response = 1;
    pdu.time2wait_s = 2;
    pdu.time2retain_s = 20;
    const auto read = LogoutResponsePdu::decode(pdu.encode());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->time2wait_s, 2);
    EXPECT_EQ(read->time2retain_s, 20);
    EXPECT_TRUE(check_logout_response(*read));
    pdu.response = 3;
    EXPECT_EQ(check_logout_response(pdu).error().what,
              "the target did not log out: cleanup failed");
}

TEST(AsyncMessage, tells_its_times) {
    AsyncMessagePdu pdu;
    pdu.event = 1;
    pdu.parameters = {0, 0, 7};
    auto notice = decode_async(*AsyncMessagePdu::decode(pdu.encode()));
    EXPECT_EQ(notice.event, AsyncEvent::logout_requested);
    EXPECT_EQ(notice.within_s, 7);
    pdu.event = 2;
    pdu.parameters = {1, 3, 30};
    notice = decode_async(pdu);
    EXPECT_EQ(notice.event, AsyncEvent::connection_dropped);
    EXPECT_EQ(notice.cid, 1);
    EXPECT_EQ(notice.time2wait_s, 3);
    EXPECT_EQ(notice.time2retain_s, 30);
    pdu.event = 77;
    EXPECT_EQ(decode_async(pdu).event, AsyncEvent::unknown);
}

class Frames : public testing::TestWithParam<int> {
  protected:
    Digests digests() const { return {(GetParam() & 1) != 0, (GetParam() & 2) != 0}; }
};

TEST_P(Frames, are_read_back_from_any_pieces) {
    const std::vector<uint8_t> data{'a', 'b', 'c', 'd', 'e'};
    const std::vector<uint8_t> additional(8, 0x11);
    std::array<uint8_t, 256> stream{};
    const Bhs bhs = NopInPdu{}.encode();
    size_t size = write_frame(bhs, data, digests(), stream, additional);
    ASSERT_GT(size, 0u);
    size += write_frame(bhs, {}, digests(), MutableBytes(stream).subspan(size));
    for (const size_t piece : {size_t{1}, size_t{5}, size_t{48}, size_t{256}}) {
        std::array<uint8_t, 128> storage;
        FrameReader frames(storage);
        frames.use_digests(digests());
        Bytes rest = Bytes(stream).first(size);
        std::vector<size_t> lengths;
        while (!rest.empty()) {
            rest = rest.subspan(frames.feed(rest.first(std::min(piece, rest.size()))));
            if (frames.state() == FrameState::needs_more) continue;
            ASSERT_EQ(frames.state(), FrameState::ready);
            EXPECT_EQ(opcode_of(frames.pdu().bhs), Opcode::nop_in);
            lengths.push_back(frames.pdu().data.size());
            if (lengths.size() == 1) {
                EXPECT_TRUE(std::ranges::equal(frames.pdu().data, data));
                EXPECT_TRUE(std::ranges::equal(frames.additional_header(), additional));
            }
            frames.next();
        }
        EXPECT_EQ(lengths, (std::vector<size_t>{5, 0}));
        EXPECT_EQ(frames.room().size(), bhs_size);
    }
}

TEST_P(Frames, show_a_flipped_bit_where_a_digest_covers_it) {
    const std::vector<uint8_t> data{'a', 'b', 'c'};
    std::array<uint8_t, 64> stream{};
    const size_t size = write_frame(NopInPdu{}.encode(), data, digests(), stream);
    const auto state_with_flip = [&](size_t at) {
        auto damaged = stream;
        damaged[at] ^= 1;
        std::array<uint8_t, 64> storage;
        FrameReader frames(storage);
        frames.use_digests(digests());
        frames.feed(Bytes(damaged).first(size));
        return frames.state();
    };
    EXPECT_EQ(state_with_flip(20),
              digests().header ? FrameState::header_digest_wrong : FrameState::ready);
    EXPECT_EQ(state_with_flip(digests().header ? 53 : 49),
              digests().data ? FrameState::data_digest_wrong : FrameState::ready);
}

INSTANTIATE_TEST_SUITE_P(with_each_combination_of_digests, Frames, testing::Range(0, 4));

TEST(WriteFrame, writes_what_fits_exactly_and_nothing_else) {
    const Bhs bhs = NopInPdu{}.encode();
    const std::vector<uint8_t> data(5);
    const Digests digests{true, true};
    for (const size_t additional : {0, 4, 1020}) {
        const std::vector<uint8_t> segments(additional);
        const size_t size = bhs_size + additional + 4 + 8 + 4;
        std::vector<uint8_t> to(size + 1, 0xee);
        EXPECT_EQ(write_frame(bhs, data, digests, MutableBytes(to).first(size - 1), segments), 0u);
        EXPECT_EQ(to[0], 0xee);
        EXPECT_EQ(write_frame(bhs, data, digests, MutableBytes(to).first(size), segments), size);
        EXPECT_EQ(to[size], 0xee);
    }
    std::vector<uint8_t> room(2048);
    for (const size_t odd : {1, 2, 3, 1021, 1024}) {
        EXPECT_EQ(write_frame(bhs, data, {}, room, std::vector<uint8_t>(odd)), 0u) << odd;
    }
}

TEST(WriteFrame, writes_no_more_data_than_a_header_can_say) {
    const Bhs bhs = NopInPdu{}.encode();
    std::vector<uint8_t> to(longest_frame(max_data_segment_length + 1));
    const std::vector<uint8_t> data(max_data_segment_length + 1);
    EXPECT_EQ(write_frame(bhs, data, {}, to), 0u);
    EXPECT_EQ(write_frame(bhs, Bytes(data).first(max_data_segment_length), {}, to),
              bhs_size + 0x1000000);
}

TEST(FrameReader, gives_up_at_a_pdu_that_its_storage_does_not_hold) {
    std::array<uint8_t, 64> storage;
    FrameReader frames(storage);
    Bhs bhs = NopInPdu{}.encode();
    set_data_length(bhs, 17);
    EXPECT_EQ(frames.feed(bhs), bhs_size);
    EXPECT_EQ(frames.state(), FrameState::too_long);
    EXPECT_EQ(frames.feed(bhs), 0u);
}

TEST(FrameReader, has_room_for_what_is_missing) {
    std::array<uint8_t, 64> storage;
    FrameReader frames(storage);
    Bhs bhs = NopInPdu{}.encode();
    set_data_length(bhs, 5);
    EXPECT_EQ(frames.room().size(), 48u);
    frames.feed(Bytes(bhs).first(10));
    EXPECT_EQ(frames.room().size(), 38u);
    frames.feed(Bytes(bhs).subspan(10));
    EXPECT_EQ(frames.room().size(), 8u);
}

TEST(AsyncMessage, is_each_of_those_that_the_rfc_knows) {
    const auto read = [](uint8_t event) {
        AsyncMessagePdu pdu;
        pdu.event = event;
        pdu.parameters = {1, 2, 3};
        return decode_async(pdu);
    };
    const std::pair<uint8_t, AsyncEvent> events[] = {
        {0, AsyncEvent::scsi},
        {1, AsyncEvent::logout_requested},
        {2, AsyncEvent::connection_dropped},
        {3, AsyncEvent::all_connections_dropped},
        {4, AsyncEvent::renegotiation},
        {5, AsyncEvent::tasks_terminated},
        {6, AsyncEvent::unknown},
        {254, AsyncEvent::unknown},
        {255, AsyncEvent::vendor},
    };
    for (const auto& [number, event] : events) {
        EXPECT_EQ(read(number).event, event) << int{number};
        EXPECT_EQ(ends_session(event), number >= 1 && number <= 3) << int{number};
        EXPECT_EQ(read(number).within_s, number == 1 || number == 4 ? 3 : 0);
        EXPECT_EQ(read(number).cid, number == 2 ? 1 : 0);
        EXPECT_EQ(read(number).time2wait_s, number == 2 || number == 3 ? 2 : 0);
        EXPECT_EQ(read(number).time2retain_s, number == 2 || number == 3 ? 3 : 0);
    }
}

TEST(LogoutResponse, is_good_if_the_connection_is_closed_or_unknown) {
    const std::pair<uint8_t, std::string_view> responses[] = {
        {0, "closed"},
        {1, "no such connection"},
        {2, "connection recovery is not supported"},
        {3, "cleanup failed"},
        {4, "unknown response"},
    };
    for (const auto& [number, words] : responses) {
        LogoutResponsePdu pdu;
        pdu.response = number;
        EXPECT_EQ(check_logout_response(pdu).has_value(), number <= 1) << int{number};
        EXPECT_EQ(logout_response_in_words(number), words);
    }
}

TEST(FrameReader, holds_a_pdu_that_fills_its_storage) {
    std::array<uint8_t, 64> storage;
    FrameReader frames(storage);
    std::array<uint8_t, 64> whole{};
    Bhs bhs = NopInPdu{}.encode();
    set_data_length(bhs, 16);
    std::ranges::copy(bhs, whole.begin());
    EXPECT_EQ(frames.feed(whole), 64u);
    EXPECT_EQ(frames.state(), FrameState::ready);
    EXPECT_TRUE(frames.room().empty()) << "until it is taken";
}

TEST(WriteFrame, writes_no_digest_where_none_is_agreed_on_or_there_is_no_data) {
    const std::vector<uint8_t> data(5);
    for (const bool header : {false, true}) {
        for (const bool with_digest : {false, true}) {
            std::vector<uint8_t> to(128, 0xee);
            const Bytes segment = Bytes(data).first(with_digest ? 0 : 5);
            const size_t size =
                write_frame(NopInPdu{}.encode(), segment, {header, with_digest}, to);
            EXPECT_EQ(size, bhs_size + (header ? 4 : 0) + (with_digest ? 0 : 8));
            EXPECT_EQ(std::ranges::count(to.begin() + static_cast<ptrdiff_t>(size), to.end(), 0xee),
                      static_cast<ptrdiff_t>(to.size() - size));
        }
    }
}

TEST(FrameReader, sees_a_wrong_digest_of_a_single_byte) {
    std::array<uint8_t, 64> stream{};
    const std::vector<uint8_t> data{0x5a};
    const size_t size = write_frame(NopInPdu{}.encode(), data, {false, true}, stream);
    ASSERT_EQ(size, bhs_size + 4 + 4);
    for (const uint8_t flip : {0, 1}) {
        stream[48] ^= flip;
        std::array<uint8_t, 64> storage;
        FrameReader frames(storage);
        frames.use_digests({false, true});
        frames.feed(Bytes(stream).first(size));
        EXPECT_EQ(frames.state(), flip != 0 ? FrameState::data_digest_wrong : FrameState::ready);
    }
}

}  // namespace
}  // namespace bootwire::iscsi
