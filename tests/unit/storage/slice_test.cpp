#include "storage/slice.h"

#include <gtest/gtest.h>

#include <numeric>

#include "images.h"

namespace bootwire::storage {
namespace {

disk::MemoryDisk counting_disk() {
    disk::MemoryDisk disk(200);
    std::iota(disk.bytes.begin(), disk.bytes.end(), uint8_t{0});
    return disk;
}

TEST(Slice, is_read_from_its_own_start_to_its_own_end) {
    const auto disk = counting_disk();
    const Slice slice(disk, 50, 100);
    EXPECT_EQ(slice.size(), 100u);
    uint8_t bytes[10];
    ASSERT_TRUE(slice.read(90, bytes));
    EXPECT_EQ(bytes[0], 140);
    EXPECT_EQ(bytes[9], 149);
    EXPECT_FALSE(slice.read(91, bytes)) << "the disk goes on, the slice does not";
    EXPECT_FALSE(slice.read(~uint64_t{0}, bytes));
}

TEST(Slice, ends_where_the_whole_does) {
    const auto disk = counting_disk();
    EXPECT_EQ(Slice(disk, 150, 100).size(), 50u);
    EXPECT_EQ(Slice(disk, 150, ~uint64_t{0}).size(), 50u);
    EXPECT_EQ(Slice(disk, 200, 1).size(), 0u);
    EXPECT_EQ(Slice(disk, ~uint64_t{0}, 1).size(), 0u);
}

}  // namespace
}  // namespace bootwire::storage
