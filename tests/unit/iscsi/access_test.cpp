// What a target says of a way to its disk, by sense data.
#include <gtest/gtest.h>

#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"

namespace bootwire::iscsi {
namespace {

TEST(Access, may_be_had_by_another_way_where_the_port_or_the_lun_is_the_trouble) {
    for (const Sense& sense : {Sense{2, 4, 0x0a}, {2, 4, 0x0b}, {2, 4, 0x0c}, {5, 0x25, 0}}) {
        EXPECT_TRUE(is_of_the_way(sense)) << int{sense.qualifier};
        EXPECT_TRUE(tells_of_changed_access(sense));
    }
    for (const Sense& sense : {Sense{2, 4, 1},
                               {2, 4, 9},
                               {2, 4, 0x0d},
                               {6, 0x29, 0},
                               {6, 0x2a, 1},
                               {6, 0x2a, 9},
                               {5, 0x2a, 6},
                               {3, 0x25, 0},
                               {5, 0x20, 0}}) {
        EXPECT_FALSE(is_of_the_way(sense));
        EXPECT_FALSE(tells_of_changed_access(sense)) << int{sense.key} << int{sense.qualifier};
    }
}

TEST(Access, that_has_changed_is_looked_at_again) {
    EXPECT_TRUE(tells_of_changed_access({6, 0x2a, 6}));
    EXPECT_FALSE(is_of_the_way({6, 0x2a, 6})) << "it may be better than before";
}

TEST(SenseData, are_behind_their_length_and_no_more_than_there_is) {
    const std::vector<uint8_t> data{0, 3, 1, 2, 3, 4};
    EXPECT_EQ(sense_in(data).size(), 3u);
    EXPECT_EQ(sense_in(data)[0], 1);
    EXPECT_EQ(sense_in(Bytes(data).first(4)).size(), 2u);
    EXPECT_TRUE(sense_in(Bytes(data).first(1)).empty());
    EXPECT_TRUE(sense_in({}).empty());
}

}  // namespace
}  // namespace bootwire::iscsi
