#include "keeper/pdu_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "iscsi/pdu.h"

namespace bootwire::keeper {
namespace {

class PduSocketTest : public testing::Test {
  protected:
    PduSocketTest() {
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

TEST_F(PduSocketTest, gives_a_pdu_once_it_is_whole) {
    PduSocket pdus(ours.get());
    const std::vector<uint8_t> data{1, 2, 3};
    const auto bytes = frame(7, data, {});
    put(Bytes(bytes).first(20));
    EXPECT_FALSE(pdus.receive().value());
    put(Bytes(bytes).subspan(20));
    const auto pdu = pdus.receive().value();
    ASSERT_TRUE(pdu);
    EXPECT_EQ(iscsi::NopInPdu::decode(pdu->bhs)->task_tag, 7u);
    EXPECT_EQ(std::vector(pdu->data.begin(), pdu->data.end()), data);
    EXPECT_FALSE(pdus.receive().value());
}

TEST_F(PduSocketTest, leaves_what_follows_for_the_kernel) {
    PduSocket pdus(ours.get());
    put(frame(1, {}, {}));
    put(frame(2, {}, {}));
    ASSERT_TRUE(pdus.receive().value());
    uint8_t next[iscsi::bhs_size];
    EXPECT_EQ(recv(ours.get(), next, sizeof next, MSG_DONTWAIT), ssize_t{iscsi::bhs_size});
    EXPECT_EQ(load_be32(&next[16]), 2u);
}

TEST_F(PduSocketTest, has_digests_in_both_directions_once_it_is_told) {
    PduSocket pdus(ours.get());
    pdus.use_digests({true, true});
    const std::vector<uint8_t> data(24, 0x5a);
    ASSERT_TRUE(pdus.send(iscsi::NopOutPdu{}.encode(), data));
    uint8_t sent[128];
    const ssize_t count = recv(theirs.get(), sent, sizeof sent, MSG_DONTWAIT);
    EXPECT_EQ(count, ssize_t{iscsi::bhs_size + 4 + 24 + 4});
    auto bytes = frame(3, data, {true, true});
    put(bytes);
    ASSERT_TRUE(pdus.receive().value());
    bytes.back() ^= 1;
    put(bytes);
    EXPECT_FALSE(pdus.receive()) << "a wrong digest is an error";
}

TEST_F(PduSocketTest, tells_that_the_target_has_gone) {
    PduSocket pdus(ours.get());
    theirs.reset();
    EXPECT_FALSE(pdus.receive());
    EXPECT_FALSE(pdus.send(iscsi::NopOutPdu{}.encode(), {}));
}

TEST_F(PduSocketTest, takes_no_pdu_that_is_too_long) {
    PduSocket pdus(ours.get());
    iscsi::Bhs bhs = iscsi::NopInPdu{}.encode();
    iscsi::set_data_length(bhs, iscsi::max_data_segment_length);
    put(bhs);
    EXPECT_FALSE(pdus.receive());
}

}  // namespace
}  // namespace bootwire::keeper
