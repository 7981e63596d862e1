// Superblocks as their specifications have them, on volumes that just hold them and on such that
// just don't.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "disk/file_system.h"
#include "disk/layout.h"
#include "images.h"

namespace bootwire::disk {
namespace {

struct Piece {
    size_t offset;
    std::string bytes;
};

struct Superblock {
    const char* name;
    std::string type;
    size_t size;  ///< of the smallest volume
    std::vector<Piece> magic;
    FileSystemUse use;
    size_t uuid = 0;   ///< where it is; 0: it has none
    size_t label = 0;  ///< likewise
};

void PrintTo(const Superblock& superblock, std::ostream* out) {
    *out << superblock.name;
}

constexpr auto root = FileSystemUse::root;
constexpr auto other = FileSystemUse::other;

class Superblocks : public testing::TestWithParam<Superblock> {
  protected:
    static void put(MemoryDisk& disk, size_t offset, std::string_view bytes) {
        std::ranges::copy(bytes, disk.bytes.begin() + static_cast<ptrdiff_t>(offset));
    }
    static MemoryDisk make(const Superblock& superblock) {
        MemoryDisk disk(superblock.size);
        for (const Piece& piece : superblock.magic)
            put(disk, piece.offset, piece.bytes);
        return disk;
    }
    static std::optional<FileSystem> probe(const MemoryDisk& disk) {
        return *probe_file_system(disk, 0, disk.size());
    }
};

TEST_P(Superblocks, are_known_where_they_are_whole) {
    const Superblock& superblock = GetParam();
    MemoryDisk disk = make(superblock);
    if (superblock.uuid != 0) {
        for (size_t i = 0; i < 16; ++i)
            disk.bytes[superblock.uuid + i] = static_cast<uint8_t>(0xa0 + i);
    }
    if (superblock.label != 0) put(disk, superblock.label, "name");
    const auto found = probe(disk);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->type, superblock.type);
    EXPECT_EQ(found->use, superblock.use);
    EXPECT_EQ(found->uuid, superblock.uuid == 0 ? "" : "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
    EXPECT_EQ(found->label, superblock.label == 0 ? "" : "name");
}

TEST_P(Superblocks, are_none_where_a_byte_is_missing_or_another_one) {
    const Superblock& superblock = GetParam();
    MemoryDisk cut = make(superblock);
    cut.bytes.pop_back();
    EXPECT_FALSE(probe(cut));
    for (const Piece& piece : superblock.magic) {
        for (size_t i = 0; i < piece.bytes.size(); ++i) {
            MemoryDisk changed = make(superblock);
            changed.bytes[piece.offset + i] ^= 0x80;
            EXPECT_FALSE(probe(changed)) << piece.offset << " + " << i;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Known, Superblocks,
    testing::Values(
        Superblock{"raid_1_1",
                   "linux_raid_member",
                   64,
                   {{0, std::string("\xfc\x4e\x2b\xa9\1\0\0\0", 8)}},
                   other,
                   16,
                   32},
        Superblock{"raid_1_2",
                   "linux_raid_member",
                   4096 + 64,
                   {{4096, std::string("\xfc\x4e\x2b\xa9\1\0\0\0", 8)}},
                   other,
                   4096 + 16,
                   4096 + 32},
        Superblock{
            "ext2", "ext2", 2048, {{1024 + 0x38, "\x53\xef"}}, root, 1024 + 0x68, 1024 + 0x78},
        Superblock{"xfs", "xfs", 512, {{0, "XFSB"}}, root, 32, 108},
        Superblock{"btrfs", "btrfs", 0x11000, {{0x10040, "_BHRfS_M"}}, root, 0x10020, 0x1012b},
        Superblock{
            "erofs", "erofs", 1024 + 128, {{1024, "\xe2\xe1\xf5\xe0"}}, root, 1024 + 48, 1024 + 64},
        Superblock{"squashfs", "squashfs", 96, {{0, "hsqs"}, {28, std::string("\4\0", 2)}}, root},
        Superblock{"swap", "swap", 4096, {{4086, "SWAPSPACE2"}}, other, 1036, 1052},
        Superblock{"swap_64k", "swap", 65536, {{65526, "SWAPSPACE2"}}, other, 1036, 1052},
        Superblock{"ntfs", "ntfs", 11, {{3, "NTFS    "}}, other},
        Superblock{"exfat", "exfat", 11, {{3, "EXFAT   "}}, other},
        Superblock{"iso9660", "iso9660", 0x8006, {{0x8001, "CD001"}}, other}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Ext, is_of_the_kind_that_its_features_say) {
    const auto type = [](uint32_t compatible, uint32_t incompatible, uint32_t read_only) {
        MemoryDisk disk(2048);
        store_le16(&disk.bytes[1024 + 0x38], 0xef53);
        store_le32(&disk.bytes[1024 + 0x5c], compatible);
        store_le32(&disk.bytes[1024 + 0x60], incompatible);
        store_le32(&disk.bytes[1024 + 0x64], read_only);
        const auto found = *probe_file_system(disk, 0, disk.size());
        return found->type + (found->use == root ? "" : ", no root");
    };
    // fs/ext4/ext4.h: what ext2 and ext3 know, bit by bit.
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        EXPECT_EQ(type(bit, 0, 0), bit == 4 ? "ext3" : "ext2") << bit;
        EXPECT_EQ(type(4, bit, 0), bit == 8                            ? "jbd, no root"
                                   : bit == 2 || bit == 4 || bit == 16 ? "ext3"
                                                                       : "ext4")
            << bit;
        EXPECT_EQ(type(4, 0, bit), bit == 1 || bit == 2 || bit == 4 ? "ext3" : "ext4") << bit;
    }
}

TEST(Lvm, has_its_label_in_one_of_the_first_four_sectors) {
    for (const size_t sector : {0, 512, 1024, 1536, 2048}) {
        MemoryDisk disk(4096);
        const auto put = [&](size_t offset, std::string_view text) {
            std::ranges::copy(text, disk.bytes.begin() + static_cast<ptrdiff_t>(sector + offset));
        };
        put(0, "LABELONE");
        EXPECT_FALSE(*probe_file_system(disk, 0, disk.size()));
        put(24, "LVM2 001");
        disk.bytes[sector + 20] = 0xff;  // a place of the UUID that is of use to nobody
        disk.bytes[sector + 23] = 0xff;
        const auto found = *probe_file_system(disk, 0, disk.size());
        ASSERT_EQ(found.has_value(), sector < 2048) << sector;
        if (!found) continue;
        EXPECT_EQ(found->type, "LVM2_member");
        EXPECT_EQ(found->uuid, "");
    }
}

TEST(F2fs, has_its_label_in_utf_16) {
    MemoryDisk disk(1024 + 124 + 1024);
    store_le32(&disk.bytes[1024], 0xf2f52010);
    store_le16(&disk.bytes[1024 + 124], 'f');
    store_le16(&disk.bytes[1024 + 126], 0xe4);
    EXPECT_EQ((*probe_file_system(disk, 0, disk.size()))->label, "f\xc3\xa4");
    disk.bytes.pop_back();
    EXPECT_FALSE(*probe_file_system(disk, 0, disk.size()));
}

TEST(Luks, has_its_label_only_in_the_second_version) {
    MemoryDisk disk(512);
    std::ranges::copy(std::string_view("LUKS\xba\xbe", 6), disk.bytes.begin());
    std::ranges::copy(std::string_view("cellar"), disk.bytes.begin() + 24);
    std::ranges::copy(std::string_view("1-2-3"), disk.bytes.begin() + 168);
    for (const uint8_t version : {1, 2, 3}) {
        disk.bytes[7] = version;
        const auto found = *probe_file_system(disk, 0, disk.size());
        ASSERT_TRUE(found);
        EXPECT_EQ(found->uuid, "1-2-3");
        EXPECT_EQ(found->label, version == 2 ? "cellar" : "");
    }
    disk.bytes.pop_back();
    EXPECT_FALSE(*probe_file_system(disk, 0, disk.size()));
}

/// include/uapi/linux/raid/md_p.h, and MD_NEW_SIZE_SECTORS() beside it.
TEST(Raid, with_its_superblock_at_the_end_is_in_whole_blocks_before_it) {
    const auto is_raid = [](size_t size, size_t at, uint32_t major) {
        MemoryDisk disk(size);
        store_le32(&disk.bytes[at], 0xa92b4efc);
        store_le32(&disk.bytes[at + 4], major);
        return probe_file_system(disk, 0, size)->has_value();
    };
    constexpr size_t kib = 1024;
    for (const size_t size : {256 * kib, 1024 * kib, 1024 * kib + 5000, 1152 * kib - 512}) {
        const size_t new_place = size / 4096 * 4096 - 8 * kib;
        const size_t old_place = size / 65536 * 65536 - 64 * kib;
        EXPECT_TRUE(is_raid(size, new_place, 1)) << size;
        EXPECT_TRUE(is_raid(size, old_place, 0)) << size;
        EXPECT_FALSE(is_raid(size, new_place, 0)) << size;
        EXPECT_FALSE(is_raid(size, old_place, 1)) << size;
        EXPECT_FALSE(is_raid(size, new_place - 4096, 1)) << size;
        EXPECT_FALSE(is_raid(size, old_place - 65536, 0)) << size;
    }
    EXPECT_FALSE(is_raid(256 * kib - 1, 244 * kib, 1)) << "too small for one";
}

TEST(FileSystem, of_each_other_kind_has_its_reason_why_it_is_no_root) {
    for (const char* type : {"vfat", "swap", "crypto_LUKS", "LVM2_member", "linux_raid_member",
                             "jbd", "ntfs", "exfat", "iso9660"}) {
        EXPECT_NE((FileSystem{type, {}, {}, other}.why_not()),
                  "it is nothing that Linux can have its root on")
            << type;
        EXPECT_EQ((FileSystem{type, {}, {}, root}.why_not()), "");
    }
    EXPECT_EQ((FileSystem{"bcache", {}, {}, other}.why_not()),
              "it is nothing that Linux can have its root on");
}

TEST(SizeText, has_tenths_below_a_hundred_and_units_from_1024_on) {
    EXPECT_EQ(size_text(0), "0 bytes");
    EXPECT_EQ(size_text(1023), "1023 bytes");
    EXPECT_EQ(size_text(1024), "1 KiB");
    EXPECT_EQ(size_text(1024 * 1024 - 1), "1023 KiB");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text(99 * 1024 + 512), "99.5 KiB");
    EXPECT_EQ(size_text(100 * 1024 + 512), "100 KiB");
    EXPECT_EQ(size_text(1024 + 102), "1 KiB") << "less than a tenth";
    EXPECT_EQ(size_text(1024 + 103), "1.1 KiB");
}

TEST(Layout, shows_twelve_partitions_and_how_many_more_there_are) {
    Layout layout;
    layout.table.kind = TableKind::gpt;
    EXPECT_EQ(layout.to_string(), "GPT: no partitions");
    Layout whole;
    whole.size = 900;
    EXPECT_EQ(whole.to_string(), "no partition table, no known file system, 900 bytes");
    whole.whole_disk = FileSystem{"ext4", {}, "all", root};
    EXPECT_EQ(whole.to_string(), "no partition table, ext4 \"all\", 900 bytes");
    const auto add = [&](unsigned number) {
        Partition partition;
        partition.number = number;
        partition.size = 1024;
        layout.volumes.push_back({partition, {}});
    };
    for (unsigned i = 1; i <= 12; ++i)
        add(i);
    EXPECT_TRUE(layout.to_string().ends_with(", 12 no known file system 1 KiB"));
    add(13);
    add(14);
    EXPECT_TRUE(layout.to_string().ends_with(", 12 no known file system 1 KiB, and 2 more"));
    EXPECT_EQ(layout.find(13)->partition.number, 13u);
    EXPECT_EQ(layout.find(15), nullptr);
}

}  // namespace
}  // namespace bootwire::disk
