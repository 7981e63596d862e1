#include "net/pdu_stream.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>
#include <vector>

#include "iscsi/pdu.h"
#include "os/clock.h"
#include "os/fd.h"

namespace bootwire::net {
namespace {

using namespace std::chrono_literals;

class PduStreamTest : public testing::Test {
  protected:
    PduStreamTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    std::vector<uint8_t> frame(uint32_t tag, Bytes data, iscsi::Digests digests) {
        iscsi::NopInPdu pdu;
        pdu.task_tag = tag;
        std::vector<uint8_t> bytes(iscsi::frame_size(data.size(), digests));
        iscsi::write_frame(pdu.encode(), data, digests, bytes);
        return bytes;
    }
    void put(Bytes bytes) {
        ASSERT_EQ(::send(theirs.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
    }

    Fd ours, theirs;
};

TEST_F(PduStreamTest, gives_a_pdu_once_it_is_whole) {
    PduStream pdus(ours.get());
    const std::vector<uint8_t> data{1, 2, 3};
    const auto bytes = frame(7, data, {});
    put(Bytes(bytes).first(20));
    EXPECT_FALSE(pdus.try_receive().value());
    put(Bytes(bytes).subspan(20));
    const auto pdu = pdus.try_receive().value();
    ASSERT_TRUE(pdu);
    EXPECT_EQ(iscsi::NopInPdu::decode(pdu->bhs)->task_tag, 7u);
    EXPECT_EQ(std::vector(pdu->data.begin(), pdu->data.end()), data);
    EXPECT_FALSE(pdus.try_receive().value());
}

TEST_F(PduStreamTest, takes_pieces_of_any_size) {
    const std::vector<uint8_t> data{1, 2, 3, 4, 5};
    const auto bytes = frame(7, data, {true, true});
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{48}, bytes.size()}) {
        PduStream pdus(ours.get());
        pdus.use_digests({true, true});
        for (size_t at = 0; at < bytes.size(); at += piece) {
            const size_t end = std::min(at + piece, bytes.size());
            put(Bytes(bytes).subspan(at, end - at));
            const auto pdu = pdus.try_receive();
            ASSERT_TRUE(pdu);
            ASSERT_EQ(pdu->has_value(), end == bytes.size()) << end;
            EXPECT_TRUE(!*pdu || std::ranges::equal((*pdu)->data, data));
        }
    }
}

TEST_F(PduStreamTest, leaves_what_follows_for_the_kernel) {
    PduStream pdus(ours.get());
    put(frame(1, {}, {}));
    put(frame(2, {}, {}));
    ASSERT_TRUE(pdus.try_receive().value());
    uint8_t next[iscsi::bhs_size];
    EXPECT_EQ(recv(ours.get(), next, sizeof next, MSG_DONTWAIT), ssize_t{iscsi::bhs_size});
    EXPECT_EQ(load_be32(&next[16]), 2u);
}

TEST_F(PduStreamTest, has_digests_in_both_directions_once_it_is_told) {
    PduStream pdus(ours.get());
    pdus.use_digests({true, true});
    const std::vector<uint8_t> data(24, 0x5a);
    ASSERT_TRUE(pdus.try_send(iscsi::NopOutPdu{}.encode(), data));
    uint8_t sent[128];
    const ssize_t count = recv(theirs.get(), sent, sizeof sent, MSG_DONTWAIT);
    EXPECT_EQ(count, ssize_t{iscsi::bhs_size + 4 + 24 + 4});
    auto bytes = frame(3, data, {true, true});
    put(bytes);
    ASSERT_TRUE(pdus.try_receive().value());
    bytes.back() ^= 1;
    put(bytes);
    const auto damaged = pdus.try_receive();
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().kind, StreamProblem::Kind::unreadable);
    EXPECT_EQ(damaged.error().frame, iscsi::FrameState::data_digest_wrong);
}

TEST_F(PduStreamTest, tells_that_the_other_end_has_gone) {
    PduStream pdus(ours.get());
    theirs.reset();
    const auto pdu = pdus.try_receive();
    ASSERT_FALSE(pdu);
    EXPECT_EQ(pdu.error().kind, StreamProblem::Kind::closed);
    EXPECT_TRUE(pdu.error().is_end());
    const auto sent = pdus.try_send(iscsi::NopOutPdu{}.encode(), {});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, StreamProblem::Kind::cannot_send);
    EXPECT_EQ(sent.error().error, EPIPE);
}

TEST_F(PduStreamTest, takes_a_reset_for_an_end) {
    PduStream pdus(ours.get());
    ASSERT_TRUE(pdus.try_send(iscsi::NopOutPdu{}.encode(), {}));
    theirs.reset();  // with something unread
    const auto pdu = pdus.try_receive();
    ASSERT_FALSE(pdu);
    EXPECT_EQ(pdu.error().error, ECONNRESET);
    EXPECT_TRUE(pdu.error().is_end());
}

TEST_F(PduStreamTest, takes_no_pdu_that_is_too_long) {
    PduStream pdus(ours.get());
    iscsi::Bhs bhs = iscsi::NopInPdu{}.encode();
    iscsi::set_data_length(bhs, iscsi::max_data_segment_length);
    put(bhs);
    const auto pdu = pdus.try_receive();
    ASSERT_FALSE(pdu);
    EXPECT_EQ(pdu.error().frame, iscsi::FrameState::too_long);
}

TEST_F(PduStreamTest, waits_for_a_pdu_and_lets_others_work_meanwhile) {
    PduStream pdus(ours.get());
    const auto bytes = frame(5, {}, {});
    put(Bytes(bytes).first(20));
    bool called = false;
    const auto pdu = pdus.receive(10s, [&] {
        if (!std::exchange(called, true)) put(Bytes(bytes).subspan(20));
    });
    ASSERT_TRUE(pdu);
    EXPECT_EQ(iscsi::NopInPdu::decode(pdu->bhs)->task_tag, 5u);
}

TEST_F(PduStreamTest, does_not_wait_for_ever) {
    PduStream pdus(ours.get());
    int calls = 0;
    const auto pdu = pdus.receive(1ms, [&] { ++calls; });
    ASSERT_FALSE(pdu);
    EXPECT_EQ(pdu.error().kind, StreamProblem::Kind::silent);
    EXPECT_GT(calls, 0);
}

TEST_F(PduStreamTest, takes_a_byte_now_and_then_for_no_answer) {
    PduStream pdus(ours.get());
    iscsi::Bhs header = iscsi::NopInPdu{}.encode();
    iscsi::set_data_length(header, 8192);
    ASSERT_EQ(write(theirs.get(), header.data(), header.size()), std::ssize(header));
    std::atomic<bool> over = false;
    std::thread dribble([&] {
        for (int i = 0; i < 500 && !over; ++i) {
            sleep_for(2ms);
            if (write(theirs.get(), "", 1) != 1) break;
        }
    });
    const auto pdu = pdus.receive(60ms);
    pollfd more{ours.get(), POLLIN, 0};  // it is still being sent when the time is up
    const bool goes_on = poll(&more, 1, 10000) == 1;
    over = true;
    dribble.join();
    EXPECT_TRUE(goes_on);
    ASSERT_FALSE(pdu);
    EXPECT_EQ(pdu.error().kind, StreamProblem::Kind::silent);
}

TEST_F(PduStreamTest, does_not_wait_for_a_socket_that_is_full) {
    PduStream pdus(ours.get());
    const std::vector<uint8_t> much(1 << 20);
    StreamResult<void> sent;
    while (sent)
        sent = pdus.try_send(iscsi::NopOutPdu{}.encode(), much);
    const bool full =
        sent.error().kind == StreamProblem::Kind::takes_no_more || sent.error().error == EAGAIN;
    EXPECT_TRUE(full);
}

TEST_F(PduStreamTest, carries_additional_header_segments_and_what_is_longer_than_a_login) {
    constexpr size_t length = 20'000;
    PduStream sender(theirs.get()), receiver(ours.get(), length);
    const std::vector<uint8_t> data(length, 7), segments(8, 0x11);
    ASSERT_TRUE(sender.send(iscsi::NopInPdu{}.encode(), data, segments));
    const auto pdu = receiver.receive(10s);
    ASSERT_TRUE(pdu);
    EXPECT_EQ(pdu->data.size(), length);
    EXPECT_TRUE(std::ranges::equal(receiver.additional_header(), segments));
}

}  // namespace
}  // namespace bootwire::net
