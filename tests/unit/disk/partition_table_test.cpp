#include "disk/partition_table.h"

#include "block/block_device.h"
#include "images.h"

namespace bootwire::disk {
namespace {

using block::BlockDevice;

constexpr uint64_t mib = 1024 * 1024;

class Tables : public Workshop {
  protected:
    void sfdisk(const std::string& script, const std::string& options = "") {
        const std::string said =
            run("printf '" + script + "' | sfdisk -q --no-tell-kernel " + options + " disk");
        ASSERT_TRUE(succeeded()) << said;
    }
    PartitionTable read() {
        const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
        EXPECT_TRUE(device);
        auto table = read_partition_table(*device);
        EXPECT_TRUE(table) << table.error().to_string();
        return table ? std::move(*table) : PartitionTable{};
    }
};

TEST_F(Tables, of_a_raspberry_pi_image_have_linuxs_partuuids) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    sfdisk("label: dos\\nlabel-id: 0x1a2b3c4d\\n2048,16M,c\\n,,83\\n");
    const auto table = read();
    EXPECT_EQ(table.kind, TableKind::mbr);
    EXPECT_EQ(table.disk_id, "1a2b3c4d");
    ASSERT_EQ(table.partitions.size(), 2u);
    EXPECT_EQ(table.partitions[0].start, mib);
    EXPECT_EQ(table.partitions[0].type, "0x0c");
    EXPECT_EQ(table.partitions[1].part_uuid, "1a2b3c4d-02");
    EXPECT_EQ(table.partitions[1].end(), 64 * mib);
    EXPECT_TRUE(table.notes.empty());
}

TEST_F(Tables, have_logical_partitions_from_5_on_with_hexadecimal_partuuids) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    std::string script = "label: dos\\nlabel-id: 0xabcd\\nsize=4M,type=c\\nsize=4M\\ntype=5\\n";
    for (int i = 5; i < 12; ++i)
        script += "disk" + std::to_string(i) + " : size=3M\\n";
    sfdisk(script);
    const auto table = read();
    const auto expected = run("sfdisk -q --no-reread -d disk | grep -c start=");
    EXPECT_EQ(std::to_string(table.partitions.size()), std::string(trim(expected)));
    ASSERT_FALSE(table.partitions.empty());
    const Partition& last = table.partitions.back();
    EXPECT_GE(last.number, 10u);
    EXPECT_TRUE(last.logical);
    EXPECT_TRUE(last.part_uuid.starts_with("0000abcd-0")) << last.part_uuid;
    EXPECT_EQ(last.part_uuid.back(), "0123456789abcdef"[last.number]);
    EXPECT_TRUE(table.partitions[2].extended);
    for (const Partition& partition : table.partitions) {
        const auto start = run("sfdisk -d disk | grep '^disk" + std::to_string(partition.number) +
                               " ' | sed 's/.*start= *//; s/,.*//'");
        EXPECT_EQ(std::to_string(partition.start / 512), std::string(trim(start)));
    }
}

TEST_F(Tables, of_gpt_have_guids_and_labels) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    sfdisk(
        "label: gpt\\nlabel-id: 11223344-5566-7788-99AA-BBCCDDEEFF00\\n"
        "size=8M, type=uefi, name=\"boot\"\\n"
        "size=8M, type=linux, uuid=AABBCCDD-0011-2233-4455-66778899AABB, "
        "name=\"r\\303\\266\\303\\266t\"\\n");
    const auto table = read();
    EXPECT_EQ(table.kind, TableKind::gpt);
    EXPECT_EQ(table.disk_id, "11223344-5566-7788-99aa-bbccddeeff00");
    ASSERT_EQ(table.partitions.size(), 2u);
    EXPECT_EQ(table.partitions[1].part_uuid, "aabbccdd-0011-2233-4455-66778899aabb");
    EXPECT_EQ(table.partitions[1].part_label, "r\xc3\xb6\xc3\xb6t");
    EXPECT_EQ(table.partitions[1].type, "0fc63daf-8483-4772-8e79-3d69d8477de4");
    EXPECT_EQ(table.partitions[1].start, 9 * mib);
    EXPECT_EQ(table.partitions[1].size, 8 * mib);
}

TEST_F(Tables, of_gpt_are_read_from_the_backup_when_the_primary_is_broken) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    sfdisk("label: gpt\\nsize=8M\\nsize=8M\\n");
    const auto before = read();
    flip("disk", 600);
    const auto after = read();
    EXPECT_FALSE(after.primary_gpt_usable);
    EXPECT_EQ(after.partitions, before.partitions);
    EXPECT_EQ(after.notes.size(), 1u);
    flip("disk", 1024 + 40);
    EXPECT_EQ(read().partitions, before.partitions) << "entries broken too";
}

TEST_F(Tables, of_gpt_without_an_intact_copy_are_an_error) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    sfdisk("label: gpt\\nsize=8M\\n");
    flip("disk", 600);
    std::filesystem::resize_file(path("disk"), 32 * mib);
    const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
    const auto table = read_partition_table(*device);
    ASSERT_FALSE(table);
    EXPECT_TRUE(table.error().what.contains("neither the GPT at its start nor the one at its end"));
}

TEST_F(Tables, are_read_with_blocks_of_4096_bytes) {
    NEEDS_TOOL("fdisk");
    make_image("disk", 64 * mib);
    for (const std::string create : {"g", "o"}) {
        const std::string kind = create == "o" ? "p\\n" : "";
        const std::string one = "n\\n" + kind + "\\n\\n+8M\\n";
        run("printf '" + create + "\\n" + one + one + "w\\n' | fdisk -w always -b 4096 disk");
        const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
        const WithBlockSize disk(*device, 4096);
        const auto table = read_partition_table(disk);
        ASSERT_TRUE(table) << create;
        ASSERT_EQ(table->partitions.size(), 2u) << create;
        EXPECT_EQ(table->partitions[1].start, 9 * mib) << create;
        EXPECT_EQ(table->partitions[1].size, 8 * mib) << create;
    }
}

TEST_F(Tables, of_a_disk_that_was_cut_short_say_so) {
    NEEDS_TOOL("sfdisk");
    make_image("disk", 64 * mib);
    sfdisk("label: dos\\n2048,16M,c\\n,16M,83\\n,,83\\n");
    std::filesystem::resize_file(path("disk"), 20 * mib);
    const auto table = read();
    ASSERT_EQ(table.partitions.size(), 2u);
    EXPECT_EQ(table.partitions[1].end(), 20 * mib);
    EXPECT_EQ(table.notes.size(), 2u);
}

TEST_F(Tables, are_not_seen_in_a_fat_boot_sector) {
    NEEDS_TOOL("mkfs.vfat");
    make_image("disk", 64 * mib);
    run("mkfs.vfat disk");
    ASSERT_TRUE(succeeded());
    EXPECT_EQ(read().kind, TableKind::none);
}

TEST(EmptyDisk, has_no_table) {
    EXPECT_EQ(read_partition_table(MemoryDisk(mib))->kind, TableKind::none);
    EXPECT_EQ(read_partition_table(MemoryDisk(0))->kind, TableKind::none);
    EXPECT_EQ(read_partition_table(MemoryDisk(100))->kind, TableKind::none);
}

TEST(LogicalChain, that_runs_in_circles_ends) {
    MemoryDisk disk(mib);
    const auto sector = [&](size_t at, uint8_t type, uint32_t start, uint32_t count) {
        uint8_t* raw = disk.bytes.data() + at;
        raw[510] = 0x55;
        raw[511] = 0xaa;
        raw[446 + 4] = type;
        store_le32(raw + 446 + 8, start);
        store_le32(raw + 446 + 12, count);
    };
    sector(0, 5, 1, 100);
    sector(512, 5, 0, 100);
    EXPECT_EQ(read_partition_table(disk)->partitions.size(), 1u);
    // With a partition in each link Linux would go on up to its limit.
    uint8_t* raw = disk.bytes.data() + 512 + 446;
    raw[4] = 0x83;
    store_le32(raw + 8, 1);
    raw[16 + 4] = 5;
    store_le32(raw + 16 + 12, 100);
    EXPECT_LE(read_partition_table(disk)->partitions.size(), max_partitions);
}

}  // namespace
}  // namespace bootwire::disk
