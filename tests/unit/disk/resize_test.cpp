#include "disk/resize.h"

#include "block/block_device.h"
#include "block/table_writer.h"
#include "images.h"

namespace bootwire::disk {
namespace {

using block::BlockDevice;
using block::write_growth;

constexpr uint64_t mib = 1024 * 1024;

class Resize : public Workshop {
  protected:
    void partition(const std::string& script, uint64_t size, uint64_t later_size) {
        make_image("disk", size);
        const std::string said = run("printf '" + script + "' | sfdisk -q --no-tell-kernel disk");
        ASSERT_TRUE(succeeded()) << said;
        std::filesystem::resize_file(path("disk"), later_size);
    }
    BlockDevice open() {
        auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_write);
        EXPECT_TRUE(device);
        return std::move(*device);
    }
    void grow(unsigned root) {
        BlockDevice device = open();
        const auto growth = plan_growth(device, root);
        ASSERT_TRUE(growth) << growth.error().to_string();
        ASSERT_TRUE(*growth);
        const auto written = write_growth(device, **growth);
        ASSERT_TRUE(written) << written.error().to_string();
    }
    std::string refusal(unsigned root) {
        const auto growth = plan_growth(open(), root);
        EXPECT_FALSE(growth);
        return growth ? "" : growth.error().what;
    }
};

TEST_F(Resize, grows_the_last_partition_of_an_mbr) {
    NEEDS_TOOL("sfdisk");
    partition("label: dos\\nlabel-id: 0x1a2b3c4d\\n2048,8M,c\\n,8M,83\\n", 32 * mib, 100 * mib);
    const auto before = read_partition_table(open());
    grow(2);
    const auto after = read_partition_table(open());
    ASSERT_TRUE(after);
    EXPECT_EQ(after->disk_id, before->disk_id);
    EXPECT_EQ(after->partitions[0], before->partitions[0]);
    EXPECT_EQ(after->partitions[1].start, before->partitions[1].start);
    EXPECT_EQ(after->partitions[1].end(), 100 * mib);
    const std::string verdict = run("sfdisk --verify disk");
    EXPECT_TRUE(succeeded()) << verdict;
    EXPECT_TRUE(verdict.contains("No errors detected")) << verdict;
    EXPECT_FALSE(*plan_growth(open(), 2)) << "it is full now";
}

TEST_F(Resize, grows_the_last_partition_of_a_gpt_and_moves_the_backup) {
    NEEDS_TOOL("sgdisk");
    partition("label: gpt\\nsize=8M\\nsize=8M, name=\"root\"\\n", 32 * mib, 100 * mib);
    grow(2);
    const auto after = read_partition_table(open());
    ASSERT_TRUE(after);
    EXPECT_EQ(after->partitions[1].end(), 99 * mib) << "the backup needs some room";
    EXPECT_EQ(after->partitions[1].part_label, "root");
    const std::string verdict = run("sgdisk -v disk");
    EXPECT_TRUE(verdict.contains("No problems found")) << verdict;
    EXPECT_FALSE(*plan_growth(open(), 2)) << "it is full now";
    // The new backup alone tells the same.
    run("dd if=/dev/zero of=disk bs=512 seek=1 count=1 conv=notrunc");
    EXPECT_EQ(read_partition_table(open())->partitions, after->partitions);
}

TEST_F(Resize, survives_a_power_cut_between_any_two_writes) {
    NEEDS_TOOL("sgdisk");
    partition("label: gpt\\nsize=8M\\nsize=8M\\n", 32 * mib, 100 * mib);
    BlockDevice device = open();
    const auto growth = plan_growth(device, 2);
    ASSERT_TRUE(growth && *growth);
    for (const TablePiece& piece : (*growth)->writes) {
        ASSERT_TRUE(device.write(piece.offset, piece.bytes));
        const auto table = read_partition_table(device);
        ASSERT_TRUE(table) << piece.name;
        EXPECT_EQ(table->partitions.size(), 2u) << piece.name;
    }
}

TEST_F(Resize, keeps_the_old_table_so_that_it_can_be_put_back) {
    NEEDS_TOOL("sfdisk");
    for (const std::string label : {"dos", "gpt"}) {
        partition("label: " + label + "\\nsize=8M\\nsize=8M\\n", 32 * mib, 100 * mib);
        run("cp disk before");
        BlockDevice device = open();
        const auto growth = plan_growth(device, 2);
        ASSERT_TRUE(growth && *growth);
        ASSERT_TRUE(write_growth(device, **growth));
        for (const TablePiece& piece : (*growth)->old)
            ASSERT_TRUE(device.write(piece.offset, piece.bytes));
        run("cmp disk before");
        EXPECT_TRUE(succeeded()) << label;
    }
}

TEST_F(Resize, works_with_blocks_of_4096_bytes) {
    NEEDS_TOOL("fdisk");
    make_image("disk", 32 * mib);
    run("printf 'g\\nn\\n\\n\\n+8M\\nn\\n\\n\\n+8M\\nw\\n' | fdisk -b 4096 disk");
    ASSERT_TRUE(succeeded());
    std::filesystem::resize_file(path("disk"), 100 * mib);
    const BlockDevice device = open();
    const auto growth = plan_growth(WithBlockSize(device, 4096), 2);
    ASSERT_TRUE(growth) << growth.error().to_string();
    ASSERT_TRUE(*growth);
    EXPECT_EQ((*growth)->before.start + (*growth)->new_size, 99 * mib);
}

TEST_F(Resize, ends_at_a_multiple_of_a_mebibyte) {
    NEEDS_TOOL("sfdisk");
    partition("label: dos\\nsize=8M\\nsize=8M\\n", 32 * mib, 100 * mib + 300 * 512);
    const auto growth = plan_growth(open(), 2);
    ASSERT_TRUE(growth && *growth);
    EXPECT_EQ((*growth)->before.start + (*growth)->new_size, 100 * mib);
    EXPECT_EQ((*growth)->to_string(), "partition 2 grows from 8 MiB to 91 MiB");
}

TEST_F(Resize, does_nothing_where_the_disk_is_full) {
    NEEDS_TOOL("sfdisk");
    partition("label: dos\\nsize=8M\\n,,83\\n", 32 * mib, 32 * mib);
    const auto growth = plan_growth(open(), 2);
    ASSERT_TRUE(growth);
    EXPECT_FALSE(*growth);
}

TEST_F(Resize, is_worth_it_from_a_whole_mebibyte_on) {
    NEEDS_TOOL("sfdisk");
    for (const std::string label : {"dos", "gpt"}) {
        const uint64_t disk_end = label == "dos" ? 32 * mib : 33 * mib;  // less the backup's room
        const auto growth = [&](const std::string& last_size) {
            partition("label: " + label + "\\n2048,8M\\nsize=" + last_size + "\\n", disk_end,
                      disk_end);
            return *plan_growth(open(), 2);
        };
        const auto grown = growth("22M");
        ASSERT_TRUE(grown) << label;
        EXPECT_EQ(grown->new_size, 23 * mib) << label;
        EXPECT_FALSE(growth("45057")) << label << ", of a block more";
    }
}

TEST_F(Resize, refuses_when_the_root_is_not_the_last_partition) {
    NEEDS_TOOL("sfdisk");
    partition("label: dos\\nsize=8M\\nsize=8M\\nsize=8M\\n", 32 * mib, 100 * mib);
    EXPECT_TRUE(refusal(2).contains("partition 3 is the last one, and the root is 2"));
}

TEST_F(Resize, refuses_when_the_last_partition_is_logical) {
    NEEDS_TOOL("sfdisk");
    partition("label: dos\\nsize=8M\\nsize=8M,type=5\\n", 32 * mib, 100 * mib);
    EXPECT_TRUE(refusal(5).contains("it is a logical one"));
}

TEST_F(Resize, refuses_a_damaged_or_a_hybrid_gpt) {
    NEEDS_TOOL("sgdisk");
    partition("label: gpt\\nsize=8M\\nsize=8M\\n", 32 * mib, 32 * mib);
    run("sgdisk -h 1 disk");
    ASSERT_TRUE(succeeded());
    std::filesystem::resize_file(path("disk"), 100 * mib);
    EXPECT_TRUE(refusal(2).contains("hybrid"));
    std::filesystem::resize_file(path("disk"), 32 * mib);
    flip("disk", 600);
    EXPECT_TRUE(refusal(2).contains("broken"));
}

TEST_F(Resize, refuses_a_disk_without_a_table) {
    make_image("disk", 32 * mib);
    EXPECT_TRUE(refusal(0).contains("no partition table"));
}

TEST(ResizeOfMbr, refuses_overlapping_partitions) {
    MemoryDisk disk(32 * mib);
    uint8_t* raw = disk.bytes.data();
    raw[510] = 0x55;
    raw[511] = 0xaa;
    for (const uint32_t i : {0u, 1u}) {
        uint8_t* const entry = raw + 446 + size_t{16} * i;
        entry[4] = 0x83;
        store_le32(entry + 8, 2048 + i);
        store_le32(entry + 12, 4096);
    }
    const auto growth = plan_growth(disk, 2);
    ASSERT_FALSE(growth);
    EXPECT_TRUE(growth.error().what.contains("partitions 1 and 2 overlap"));
}

TEST(ResizeOfMbr, refuses_a_partition_over_the_table) {
    MemoryDisk disk(32 * mib);
    uint8_t* raw = disk.bytes.data();
    raw[510] = 0x55;
    raw[511] = 0xaa;
    raw[446 + 4] = 0x83;
    store_le32(raw + 446 + 12, 4096);
    const auto growth = plan_growth(disk, 1);
    ASSERT_FALSE(growth);
    EXPECT_TRUE(growth.error().what.contains("lies over the partition table"));
}

/// A disk of 3 TiB: an MBR can't say so.
class HugeDisk : public MemoryDisk {
  public:
    HugeDisk() : MemoryDisk(mib) {}
    uint64_t size() const override { return 3 * mib * mib; }
};

TEST(ResizeOfMbr, stops_where_its_numbers_end) {
    HugeDisk disk;
    uint8_t* raw = disk.bytes.data();
    raw[510] = 0x55;
    raw[511] = 0xaa;
    raw[446 + 4] = 0x83;
    store_le32(raw + 446 + 8, 2048);
    store_le32(raw + 446 + 12, 4096);
    const auto growth = plan_growth(disk, 1);
    ASSERT_TRUE(growth && *growth) << growth.error().to_string();
    EXPECT_LE((*growth)->new_size / 512, 0xffffffffu);
    EXPECT_GT((*growth)->new_size, 2 * mib * mib - 4 * mib);
}

}  // namespace
}  // namespace bootwire::disk
