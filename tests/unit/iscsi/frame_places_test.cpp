// Frames without a copy: data received where they belong, and sent from where they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "iscsi/frame.h"

namespace bootwire::iscsi {
namespace {

class FramePlaces : public testing::TestWithParam<int> {
  protected:
    Digests digests() const { return {(GetParam() & 1) != 0, (GetParam() & 2) != 0}; }

    /// Puts the PDU's data into `place` as soon as its header is there.
    FrameState read(HeaderFirstReader& frames, Bytes stream, size_t piece, MutableBytes place) {
        while (!stream.empty() && frames.state() == FrameState::needs_more) {
            if (frames.has_header()) {
                EXPECT_TRUE(frames.room().empty()) << "nothing is received before it has a place";
                EXPECT_EQ(opcode_of(frames.bhs()), Opcode::nop_in);
                frames.put_data(place.first(data_length_of(frames.bhs())));
            }
            stream = stream.subspan(frames.feed(stream.first(std::min(piece, stream.size()))));
        }
        left_ = stream.size();
        return frames.state();
    }
    size_t left_ = 0;
};

TEST_P(FramePlaces, are_where_the_caller_wants_them_from_any_pieces) {
    std::vector<uint8_t> additional(8, 0x11);
    for (const size_t length : {size_t{0}, size_t{1}, size_t{4}, size_t{7}}) {
        const std::vector<uint8_t> data(length, 0x5a);
        std::array<uint8_t, 256> stream{};
        const size_t size = write_frame(NopInPdu{}.encode(), data, digests(), stream, additional);
        for (const size_t piece : {size_t{1}, size_t{5}, size_t{48}, size_t{256}}) {
            HeaderFirstReader frames(8);
            frames.use_digests(digests());
            std::array<uint8_t, 9> place{};
            for (int twice = 0; twice < 2; ++twice) {
                // More follows, which is not this PDU's.
                ASSERT_EQ(read(frames, Bytes(stream).first(size + 3), piece, place),
                          FrameState::ready);
                EXPECT_GE(left_, 3u);
                EXPECT_EQ(frames.pdu().data.size(), length);
                EXPECT_TRUE(length == 0 || frames.pdu().data.data() == place.data());
                EXPECT_TRUE(std::ranges::equal(frames.pdu().data, data));
                EXPECT_EQ(place[length], 0) << "padding goes elsewhere";
                EXPECT_TRUE(std::ranges::equal(frames.additional_header(), additional));
                EXPECT_TRUE(frames.room().empty());
                frames.next();
            }
        }
    }
}

TEST_P(FramePlaces, show_a_flipped_bit_where_a_digest_covers_it) {
    const std::vector<uint8_t> data{'a', 'b', 'c'};
    const std::vector<uint8_t> additional(4);
    std::array<uint8_t, 64> stream{};
    const size_t size = write_frame(NopInPdu{}.encode(), data, digests(), stream, additional);
    const auto state_with_flip = [&](size_t at) {
        auto damaged = stream;
        damaged[at] ^= 1;
        HeaderFirstReader frames(8);
        frames.use_digests(digests());
        std::array<uint8_t, 8> place;
        return read(frames, Bytes(damaged).first(size), size, place);
    };
    const size_t behind_header = 52 + (digests().header ? 4 : 0);
    for (const size_t at : {size_t{20}, size_t{50}}) {
        EXPECT_EQ(state_with_flip(at),
                  digests().header ? FrameState::header_digest_wrong : FrameState::ready);
    }
    for (const size_t at : {behind_header, behind_header + 3}) {  // the last one is padding
        EXPECT_EQ(state_with_flip(at),
                  digests().data ? FrameState::data_digest_wrong : FrameState::ready);
    }
}

TEST_P(FramePlaces, of_what_is_sent_are_those_where_it_lies) {
    const std::vector<uint8_t> data{'a', 'b', 'c', 'd', 'e'};
    const std::vector<uint8_t> additional(8, 0x11);
    const Bhs bhs = NopInPdu{}.encode();
    for (const Bytes segments : {Bytes{}, Bytes(additional)}) {
        for (const size_t length : {size_t{0}, size_t{4}, size_t{5}}) {
            const FramePieces frame(bhs, Bytes(data).first(length), digests(), segments);
            std::vector<uint8_t> joined;
            for (const Bytes piece : frame.all()) {
                EXPECT_FALSE(piece.empty());
                joined.insert(joined.end(), piece.begin(), piece.end());
            }
            EXPECT_EQ(frame.size(), joined.size());
            std::vector<uint8_t> written(256);
            written.resize(
                write_frame(bhs, Bytes(data).first(length), digests(), written, segments));
            EXPECT_EQ(joined, written);
            EXPECT_EQ(joined.size(), segments.size() + frame_size(length, digests()));
            EXPECT_EQ(length > 0, std::ranges::any_of(frame.all(), [&](Bytes piece) {
                          return piece.data() == data.data() && piece.size() == length;
                      }));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(with_each_combination_of_digests, FramePlaces, testing::Range(0, 4));

TEST(HeaderFirstReader, gives_up_at_more_data_than_are_taken_before_a_place_is_asked_for) {
    Bhs bhs = NopInPdu{}.encode();
    set_data_length(bhs, 9);
    HeaderFirstReader frames(8);
    EXPECT_EQ(frames.feed(bhs), bhs_size);
    EXPECT_EQ(frames.state(), FrameState::too_long);
    EXPECT_FALSE(frames.has_header());
    EXPECT_EQ(frames.feed(bhs), 0u);
    set_data_length(bhs, 8);
    frames.next();
    frames.feed(bhs);
    EXPECT_TRUE(frames.has_header());
}

TEST(HeaderFirstReader, takes_the_longest_additional_header_with_its_digest) {
    std::vector<uint8_t> stream(2048);
    const std::vector<uint8_t> additional(1020, 7);
    stream.resize(write_frame(NopInPdu{}.encode(), {}, {true, true}, stream, additional));
    HeaderFirstReader frames(0);
    frames.use_digests({true, true});
    EXPECT_EQ(frames.feed(stream), stream.size());
    EXPECT_EQ(frames.state(), FrameState::ready);
    EXPECT_TRUE(std::ranges::equal(frames.additional_header(), additional));
}

TEST(FramePieces, are_none_of_a_pdu_that_cannot_be) {
    const std::vector<uint8_t> data(max_data_segment_length + 1);
    EXPECT_TRUE(FramePieces(NopInPdu{}.encode(), data, {}).all().empty());
    EXPECT_TRUE(FramePieces(NopInPdu{}.encode(), {}, {}, Bytes(data).first(3)).all().empty());
    EXPECT_TRUE(FramePieces(NopInPdu{}.encode(), {}, {}, Bytes(data).first(1024)).all().empty());
}

}  // namespace
}  // namespace bootwire::iscsi
