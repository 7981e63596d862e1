// What a copy of a GPT must say of itself to count: each check for itself.
#include "disk/gpt.h"

#include "gpt_disk.h"

namespace bootwire::disk {
namespace {

constexpr uint64_t blocks = gpt_blocks;

TEST(GptCopy, counts_if_it_is_as_the_specification_has_it) {
    const GptDisk disk;
    EXPECT_TRUE(disk.is_intact(1));
    EXPECT_TRUE(disk.is_intact(backup_lba));
    EXPECT_FALSE(disk.is_intact(0));
    EXPECT_FALSE(disk.is_intact(2));
    EXPECT_FALSE(disk.is_intact(blocks)) << "behind the disk";
}

TEST(GptCopy, of_which_one_byte_has_changed_does_not_count) {
    GptDisk disk;
    const auto flip = [&](size_t at) {
        disk.bytes[at] ^= 0x80;
        EXPECT_FALSE(disk.is_intact(1)) << at;
        EXPECT_TRUE(disk.is_intact(backup_lba)) << at;
        disk.bytes[at] ^= 0x80;
    };
    for (size_t at = 0; at < 92; ++at)
        flip(block + at);
    for (size_t at = 0; at < 128 * 128; at += 61)
        flip(2 * block + at);
    flip(2 * block + 128 * 128 - 1);
    EXPECT_TRUE(disk.is_intact(1));
}

/// 568: in the disk's GUID; 1064: in the end of the first partition.
TEST(GptCopy, that_is_damaged_is_passed_over_for_the_backup_and_for_nothing_if_that_is_too) {
    const auto whole = read_partition_table(GptDisk());
    ASSERT_TRUE(whole);
    ASSERT_EQ(whole->partitions.size(), 2u);
    EXPECT_TRUE(whole->primary_gpt_usable);
    const size_t to_backup = (blocks - 33 - 2) * block;
    for (const auto& [at, in_backup] :
         {std::pair{size_t{568}, backup_lba * block + 56}, {size_t{1064}, 1064 + to_backup}}) {
        GptDisk disk;
        disk.bytes[at] ^= 1;
        const auto table = read_partition_table(disk);
        ASSERT_TRUE(table) << at;
        EXPECT_FALSE(table->primary_gpt_usable) << at;
        EXPECT_EQ(table->disk_id, whole->disk_id) << at;
        EXPECT_EQ(table->partitions, whole->partitions) << at;
        disk.bytes[in_backup] ^= 1;
        EXPECT_FALSE(read_partition_table(disk)) << at;
    }
}

TEST(GptCopy, counts_within_the_bounds_of_the_disk_and_of_its_own_fields) {
    const struct {
        size_t field;
        uint64_t value;
        bool counts;
    } cases[] = {{size_at, 91, false},
                 {size_at, 92, true},
                 {size_at, block, true},
                 {size_at, block + 1, false},
                 {my_lba_at, 2, false},
                 {my_lba_at, backup_lba, false},
                 {last_usable_at, blocks - 1, true},
                 {last_usable_at, blocks, false},
                 {last_usable_at, 34, true},
                 {last_usable_at, 33, false},
                 {first_usable_at, blocks - 34, true},
                 {first_usable_at, blocks - 33, false},
                 {entries_lba_at, blocks - 32, true},
                 {entries_lba_at, blocks - 31, false},
                 {entries_lba_at, blocks, false},
                 {count_at, 0, false},
                 {count_at, 1, true},
                 {count_at, GptHeader::max_entries, true},
                 {count_at, GptHeader::max_entries + 1, false},
                 {entry_size_at, 127, false},
                 {entry_size_at, 256, false}};
    for (const auto& [field, value, counts] : cases) {
        GptDisk disk;
        const bool is_lba = field >= my_lba_at && field <= entries_lba_at;
        if (is_lba) {
            store_le64(disk.header(1) + field, value);
        } else {
            store_le32(disk.header(1) + field, static_cast<uint32_t>(value));
        }
        disk.seal(1);
        EXPECT_EQ(disk.is_intact(1), counts) << "field " << field << ": " << value;
    }
}

TEST(GptCopy, has_the_partitions_that_lie_on_the_disk) {
    const auto partitions = [](size_t index, uint64_t first, uint64_t last) {
        GptDisk disk;
        disk.put_entry(index, first, last);
        const auto table = read_partition_table(disk);
        EXPECT_TRUE(table);
        EXPECT_EQ(table->notes.size() + table->partitions.size(), index < 2 ? 2u : 3u);
        return table->partitions;
    };
    EXPECT_EQ(partitions(1, 200, 200).back().size, block) << "of one block";
    EXPECT_EQ(partitions(1, 200, blocks - 1).back().end(), blocks * block);
    EXPECT_EQ(partitions(1, 200, blocks).size(), 1u) << "its last block is none of the disk's";
    EXPECT_EQ(partitions(1, 200, 199).size(), 1u) << "it ends before it begins";
    EXPECT_EQ(partitions(100, 200, 201).back().number, 101u);
}

TEST(GptCopy, has_partitions_up_to_number_256) {
    GptDisk disk;
    store_le32(disk.header(1) + count_at, GptHeader::max_entries);
    for (const size_t index : {255u, 256u}) {
        uint8_t* const raw = disk.entry(1, index);
        raw[0] = 0xaf;
        store_le64(raw + 32, 500 + index);
        store_le64(raw + 40, 500 + index);
    }
    disk.seal(1);
    const auto table = read_partition_table(disk);
    ASSERT_TRUE(table && table->primary_gpt_usable);
    EXPECT_EQ(table->partitions.back().number, 256u);
    EXPECT_EQ(table->notes.size(), 1u);
}

TEST(GptLabel, is_utf_16_with_a_mark_for_what_is_none) {
    using namespace std::string_view_literals;
    const auto text = [](std::string_view bytes) { return utf16le_to_utf8(bytes_of(bytes)); };
    EXPECT_EQ(text("a\0\x7f\0\x80\0"sv), "a\x7f\xc2\x80");
    EXPECT_EQ(text("\xff\x07\x00\x08"sv), "\xdf\xbf\xe0\xa0\x80");
    EXPECT_EQ(text("\xff\xd7\x00\xe0\xff\xff"sv), "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
    EXPECT_EQ(text("\x3d\xd8\x00\xde!\0"sv), "\xf0\x9f\x98\x80!") << "a pair of surrogates";
    EXPECT_EQ(text("\xff\xdb\xff\xdf"sv), "\xf4\x8f\xbf\xbf") << "the last of all pairs";
    for (const auto half : {"\x00\xd8"sv, "\x3d\xd8"sv, "\xff\xdb"sv, "\x00\xdc"sv, "\xff\xdf"sv})
        EXPECT_EQ(text(half), "\xef\xbf\xbd");
    EXPECT_EQ(text("\x3d\xd8!\0"sv), "\xef\xbf\xbd!");
    EXPECT_EQ(text("\x00\xde!\0"sv), "\xef\xbf\xbd!");
    EXPECT_EQ(text("a\0b\0\0\0c\0"sv), "ab");
    EXPECT_EQ(text("a\0b"sv), "a");
}

}  // namespace
}  // namespace bootwire::disk
