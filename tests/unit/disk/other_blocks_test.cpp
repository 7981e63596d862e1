// Images on disks with blocks of another size than that which they were made for.
#include "disk/other_blocks.h"

#include "block/block_device.h"
#include "images.h"

namespace bootwire::disk {
namespace {

using block::BlockDevice;

constexpr uint64_t mib = 1024 * 1024;

class OtherBlocks : public Workshop {
  protected:
    /// An image for blocks of this size, with a FAT file system on its second partition. table: of
    /// fdisk's commands, "g" or "o".
    void make(const std::string& table, unsigned block) {
        make_image("disk", 64 * mib);
        const std::string kind = table == "o" ? "p\\n" : "";
        const std::string one = "n\\n" + kind + "\\n\\n+8M\\n";
        run("printf '" + table + "\\n" + one + one + "w\\n' | fdisk -w always -b " +
            std::to_string(block) + " disk");
        run("truncate -s 8M part && mkfs.fat part && "
            "dd if=part of=disk bs=1M seek=9 conv=notrunc && rm part");
        ASSERT_TRUE(succeeded());
    }
    std::optional<uint32_t> made_for(unsigned shown) {
        const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
        EXPECT_TRUE(device);
        const WithBlockSize disk(*device, shown);
        return made_for_blocks_of(disk, read_layout(disk));
    }
};

TEST_F(OtherBlocks, are_noticed_whichever_the_table_and_the_size) {
    NEEDS_TOOL("fdisk");
    NEEDS_TOOL("mkfs.fat");
    for (const char* table : {"o", "g"}) {
        for (const unsigned block : {512u, 4096u}) {
            make(table, block);
            EXPECT_EQ(made_for(block), std::nullopt) << table << block;
            EXPECT_EQ(made_for(block == 512 ? 4096 : 512), block) << table << block;
        }
    }
}

TEST_F(OtherBlocks, matter_to_no_disk_without_a_table_and_to_no_empty_one) {
    NEEDS_TOOL("mkfs.fat");
    make_image("disk", 64 * mib);
    for (const unsigned shown : {512u, 4096u})
        EXPECT_EQ(made_for(shown), std::nullopt);
    run("mkfs.fat disk");
    for (const unsigned shown : {512u, 4096u})
        EXPECT_EQ(made_for(shown), std::nullopt);
}

}  // namespace
}  // namespace bootwire::disk
