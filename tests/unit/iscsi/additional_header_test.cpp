// Additional header segments (RFC 7143 section 11.2.2).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "iscsi/pdu_scsi.h"

namespace bootwire::iscsi {
namespace {

TEST(AdditionalHeader, of_a_long_cdb_and_of_a_command_both_ways_is_the_rfcs) {
    // The length counts the reserved byte: of the CDB's, its bytes beyond the 16th and one more.
    const std::vector<uint8_t> bytes{0, 6, 1, 0, 0x11, 0x12, 0x13, 0x14, 0x15, 0,
                                     0, 0, 0, 5, 2,    0,    0x21, 0x22, 0x23, 0x24};
    const auto read = AdditionalHeader::decode(bytes);
    ASSERT_TRUE(read);
    EXPECT_TRUE(std::ranges::equal(read->more_cdb, Bytes(bytes).subspan(4, 5)));
    EXPECT_EQ(read->read_length, 0x21222324u);
    EXPECT_EQ(read->size(), bytes.size());
    std::array<uint8_t, 20> written;
    written.fill(0xee);
    EXPECT_TRUE(std::ranges::equal(read->encode(written), bytes));
    EXPECT_TRUE(read->encode(MutableBytes(written).first(19)).empty());
}

TEST(AdditionalHeader, may_be_none_or_one_that_nobody_knows) {
    const auto none = AdditionalHeader::decode({});
    ASSERT_TRUE(none);
    EXPECT_EQ(none->size(), 0u);
    EXPECT_TRUE(none->more_cdb.empty());
    EXPECT_FALSE(none->read_length);
    const std::vector<uint8_t> unknown{0, 1, 7, 0, 0, 5, 2, 0, 0, 0, 0, 9};
    const auto read = AdditionalHeader::decode(unknown);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->read_length, 9u);
}

TEST(AdditionalHeader, that_is_malformed_or_there_twice_is_none) {
    const std::vector<std::vector<uint8_t>> malformed{
        {0, 1},                                            // no whole head
        {0, 2, 1, 0},                                      // longer than all there is
        {0xff, 0xff, 1, 0},                                // far longer
        {0, 1, 1, 0},                                      // a CDB of no more bytes
        {0, 4, 2, 0, 0, 0, 0, 9},                          // a number of three bytes
        {0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 0, 0},              // of five
        {0, 2, 1, 0, 1, 0, 0, 0, 0, 2, 1, 0, 1, 0, 0, 0},  // the CDB twice
        {0, 5, 2, 0, 0, 0, 0, 9, 0, 5, 2, 0, 0, 0, 0, 9},  // the number twice
    };
    for (const auto& bytes : malformed)
        EXPECT_FALSE(AdditionalHeader::decode(bytes)) << bytes.size();
}

TEST(AdditionalHeader, holds_a_cdb_of_260_bytes_and_no_longer_one) {
    const std::vector<uint8_t> cdb(245, 1);
    std::vector<uint8_t> to(1020);
    AdditionalHeader header;
    header.more_cdb = Bytes(cdb).first(244);
    const Bytes written = header.encode(to);
    EXPECT_EQ(written.size(), 248u);
    EXPECT_TRUE(AdditionalHeader::decode(written));
    header.more_cdb = cdb;
    EXPECT_TRUE(header.encode(to).empty());
    std::vector<uint8_t> longer(252);
    store_be16(longer.data(), 246);
    longer[2] = 1;
    EXPECT_FALSE(AdditionalHeader::decode(longer));
}

}  // namespace
}  // namespace bootwire::iscsi
