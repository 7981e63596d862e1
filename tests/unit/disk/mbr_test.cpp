// What counts as an MBR, and which partitions the chain behind its extended one has.
#include "disk/mbr.h"

#include "images.h"

namespace bootwire::disk {
namespace {

constexpr size_t block = 512;
constexpr uint32_t blocks = 2048;
constexpr uint32_t extended_start = 100, extended_count = 1000;

struct Entry {
    uint8_t type;
    uint32_t start, count;
};

/// A disk of 1 MiB with an extended partition.
class MbrDisk : public MemoryDisk {
  public:
    MbrDisk() : MemoryDisk(blocks * block) { put(0, 0, {5, extended_start, extended_count}); }

    /// The entry of that index (0 to 3) in the boot sector or link in that block.
    MbrDisk& put(uint32_t lba, size_t index, const Entry& entry) {
        uint8_t* const raw = &bytes[lba * block];
        raw[510] = 0x55;
        raw[511] = 0xaa;
        uint8_t* const at = raw + 446 + 16 * index;
        at[4] = entry.type;
        store_le32(at + 8, entry.start);
        store_le32(at + 12, entry.count);
        return *this;
    }
    PartitionTable table_of() const {
        auto table = read_partition_table(*this);
        EXPECT_TRUE(table);
        return table ? std::move(*table) : PartitionTable{};
    }
    /// The first blocks of the logical partitions.
    std::vector<uint64_t> logical() const {
        std::vector<uint64_t> starts;
        for (const Partition& partition : table_of().partitions)
            if (partition.logical) starts.push_back(partition.start / block);
        return starts;
    }
};

using Starts = std::vector<uint64_t>;

TEST(LogicalPartitions, end_at_a_link_without_the_mark) {
    MbrDisk disk;
    disk.put(100, 0, {0x83, 1, 10}).put(100, 1, {5, 200, 50});
    disk.put(300, 0, {0x83, 1, 10});
    EXPECT_EQ(disk.logical(), (Starts{101, 301}));
    for (const size_t mark : {510u, 511u}) {
        MbrDisk damaged = disk;
        damaged.bytes[300 * block + mark] ^= 1;
        EXPECT_EQ(damaged.logical(), (Starts{101}));
        EXPECT_EQ(damaged.table_of().partitions.size(), 2u);
    }
}

TEST(LogicalPartitions, are_in_the_third_and_fourth_entry_only_if_they_lie_inside) {
    const auto logical = [](size_t index, const Entry& entry) {
        return MbrDisk().put(100, index, entry).logical();
    };
    EXPECT_EQ(logical(0, {0x83, 1, 5000}), (Starts{101})) << "the kernel believes it";
    EXPECT_EQ(logical(1, {0x83, 1, 5000}), (Starts{101}));
    for (const size_t index : {2u, 3u}) {
        EXPECT_EQ(logical(index, {0x83, 1, 10}), (Starts{101}));
        EXPECT_EQ(logical(index, {0x83, 1, extended_count - 1}), (Starts{101})) << "to the end";
        EXPECT_EQ(logical(index, {0x83, 1, extended_count}), Starts{});
    }
    // A later link: neither beyond itself nor beyond the whole.
    const auto second = [](uint32_t link_count, const Entry& entry) {
        return MbrDisk().put(100, 1, {5, 900, link_count}).put(1000, 2, entry).logical();
    };
    EXPECT_EQ(second(50, {0x83, 1, 49}), (Starts{1001}));
    EXPECT_EQ(second(50, {0x83, 1, 50}), Starts{});
    EXPECT_EQ(second(500, {0x83, 1, 99}), (Starts{1001}));
    EXPECT_EQ(second(500, {0x83, 1, 100}), Starts{});
}

TEST(LogicalPartitions, may_have_their_last_link_in_the_disks_last_block) {
    MbrDisk disk;
    disk.put(100, 1, {5, blocks - 1 - extended_start, 10});
    disk.put(blocks - 1, 0, {0x83, 0, 1});
    EXPECT_EQ(disk.logical(), (Starts{blocks - 1}));
    EXPECT_TRUE(disk.table_of().notes.empty());
    disk.put(100, 1, {5, blocks - extended_start, 10});
    EXPECT_EQ(disk.logical(), Starts{});
    EXPECT_EQ(disk.table_of().notes.size(), 1u);
}

/// As the kernel, which takes more for a circle.
TEST(LogicalPartitions, are_found_behind_99_links_that_have_none) {
    const auto behind = [](uint32_t empty) {
        MbrDisk disk;
        for (uint32_t link = 0; link < empty; ++link)
            disk.put(extended_start + link, 1, {5, link + 1, 2});
        return disk.put(extended_start + empty, 0, {0x83, 1, 1}).logical();
    };
    EXPECT_EQ(behind(99), (Starts{extended_start + 99 + 1}));
    EXPECT_EQ(behind(100), Starts{});
}

TEST(LogicalPartitions, are_counted_anew_for_a_circle_after_each_that_was_found) {
    MbrDisk disk;
    disk.put(100, 0, {0x83, 1, 1}).put(100, 1, {5, 2, 2});
    for (uint32_t link = 2; link < 101; ++link)
        disk.put(extended_start + link, 1, {5, link + 1, 2});
    disk.put(extended_start + 101, 0, {0x83, 1, 1});
    EXPECT_EQ(disk.logical(), (Starts{101, extended_start + 101 + 1}));
}

TEST(Mbr, has_the_extended_partitions_of_all_three_kinds) {
    for (const uint8_t type : {0x05, 0x0f, 0x85}) {
        MbrDisk disk;
        disk.put(0, 0, {type, extended_start, extended_count}).put(100, 0, {0x83, 1, 10});
        EXPECT_EQ(disk.logical(), (Starts{101})) << int{type};
        EXPECT_TRUE(disk.table_of().partitions.front().extended) << int{type};
    }
}

TEST(Mbr, is_one_only_if_its_entries_are_active_or_not) {
    MbrDisk disk;
    uint8_t& indicator = disk.bytes[446 + 3 * 16];
    for (const uint8_t value : {0x00, 0x80}) {
        indicator = value;
        EXPECT_EQ(disk.table_of().kind, TableKind::mbr);
    }
    indicator = 0x01;
    EXPECT_EQ(disk.table_of().kind, TableKind::none);
    indicator = 0;
    disk.put(0, 0, {0x83, 1, 0});
    EXPECT_EQ(disk.table_of().kind, TableKind::none) << "no entry has any blocks";
}

TEST(Mbr, may_be_all_that_there_is_of_a_disk) {
    MbrDisk disk;
    disk.bytes.resize(block);
    EXPECT_EQ(disk.table_of().kind, TableKind::mbr);
    disk.bytes.pop_back();
    EXPECT_EQ(disk.table_of().kind, TableKind::none);
}

TEST(Mbr, announces_a_gpt_only_from_the_disks_second_block_on) {
    MbrDisk disk;
    disk.put(0, 1, {0xee, 2, 10});
    EXPECT_EQ(disk.table_of().kind, TableKind::mbr);
    disk.put(0, 1, {0xee, 1, 10});
    EXPECT_FALSE(read_partition_table(disk)) << "and there is none";
}

TEST(Mbr, leaves_a_partition_out_that_begins_behind_the_disk) {
    MbrDisk disk;
    disk.put(0, 1, {0x83, blocks - 1, 1});
    EXPECT_EQ(disk.table_of().partitions.back().end(), blocks * block);
    EXPECT_TRUE(disk.table_of().notes.empty());
    disk.put(0, 1, {0x83, blocks, 1});
    EXPECT_EQ(disk.table_of().partitions.size(), 1u);
    EXPECT_EQ(disk.table_of().notes.size(), 1u);
}

/// As the kernel: its minor numbers end there.
TEST(Mbr, has_four_partitions_and_logical_ones_up_to_number_255) {
    MbrDisk disk;
    disk.put(0, 3, {0x83, 1500, 10});
    EXPECT_FALSE(disk.table_of().partitions.back().logical);
    for (uint32_t link = 0; link < 300; ++link) {
        disk.put(extended_start + link, 0, {0x83, 1, 1});
        disk.put(extended_start + link, 1, {5, link + 1, 2});
    }
    const auto partitions = disk.table_of().partitions;
    EXPECT_EQ(partitions.size(), 2 + 251u);
    EXPECT_EQ(partitions[2].number, 5u);
    EXPECT_TRUE(partitions[2].logical);
    EXPECT_EQ(partitions.back().number, 255u);
    // Two in the last link that counts.
    disk.put(extended_start + 250, 2, {0x83, 2, 1});
    EXPECT_EQ(disk.table_of().partitions.back().number, 255u);
    disk.put(extended_start + 250, 1, {5, blocks, 2});
    EXPECT_TRUE(disk.table_of().notes.empty()) << "where it leads to does not matter";
}

}  // namespace
}  // namespace bootwire::disk
