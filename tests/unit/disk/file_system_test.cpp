#include "disk/file_system.h"

#include "block/block_device.h"
#include "disk/layout.h"
#include "images.h"

namespace bootwire::disk {
namespace {

using block::BlockDevice;

constexpr uint64_t mib = 1024 * 1024;

struct Recipe {
    const char* name;
    const char* tool;
    const char* command;  ///< makes the file system in the file "disk"
    uint64_t size;
    FileSystemUse use;
};

void PrintTo(const Recipe& recipe, std::ostream* out) {
    *out << recipe.name;
}

class FileSystems : public Workshop, public testing::WithParamInterface<Recipe> {};

std::string value_of(const std::string& blkid, const std::string& key) {
    for (const auto line : split(blkid, '\n')) {
        if (line.starts_with(key + "=")) return std::string(line.substr(key.size() + 1));
    }
    return {};
}

TEST_P(FileSystems, are_what_blkid_says) {
    const Recipe& recipe = GetParam();
    if (!has_tool(recipe.tool)) {
        GTEST_SKIP() << recipe.tool << " is not installed: " << recipe.name << " is not tested";
    }
    NEEDS_TOOL("blkid");
    make_image("disk", recipe.size);
    const std::string said = run(recipe.command);
    ASSERT_TRUE(succeeded()) << said;
    const auto blkid = run("blkid -p -o export disk");

    const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
    ASSERT_TRUE(device);
    const auto found = probe_file_system(*device, 0, device->size());
    ASSERT_TRUE(found) << found.error().to_string();
    ASSERT_TRUE(*found) << blkid;
    EXPECT_EQ((*found)->type, value_of(blkid, "TYPE"));
    EXPECT_EQ((*found)->uuid, value_of(blkid, "UUID"));
    // "export" has the label quoted for a shell; -s LABEL -o value has it as it is.
    const auto label = run("blkid -p -s LABEL -o value disk");
    EXPECT_EQ((*found)->label, std::string(trim(label)));
    EXPECT_EQ((*found)->use, recipe.use);
    EXPECT_EQ((*found)->why_not().empty(), recipe.use == FileSystemUse::root);
}

constexpr auto root = FileSystemUse::root;
constexpr auto other = FileSystemUse::other;
INSTANTIATE_TEST_SUITE_P(
    Made, FileSystems,
    testing::Values(
        Recipe{"ext2", "mkfs.ext2", "mkfs.ext2 -q -L two disk", 8 * mib, root},
        Recipe{"ext3", "mkfs.ext3", "mkfs.ext3 -q -L three disk", 8 * mib, root},
        Recipe{"ext4", "mkfs.ext4", "mkfs.ext4 -q -L rootfs disk", 8 * mib, root},
        Recipe{"ext4_full_label", "mkfs.ext4", "mkfs.ext4 -q -L 0123456789abcdef disk", 8 * mib,
               root},
        Recipe{"ext4_no_journal", "mkfs.ext4", "mkfs.ext4 -q -O ^has_journal disk", 8 * mib, root},
        Recipe{"journal", "mke2fs", "mke2fs -q -O journal_dev disk", 8 * mib, other},
        Recipe{"fat12", "mkfs.vfat", "mkfs.vfat -F 12 -n TWELVE disk", 4 * mib, FileSystemUse::fat},
        Recipe{"fat16", "mkfs.vfat", "mkfs.vfat -F 16 -n bootfs disk", 32 * mib,
               FileSystemUse::fat},
        Recipe{"fat32", "mkfs.vfat", "mkfs.vfat -F 32 -n bootfs disk", 64 * mib,
               FileSystemUse::fat},
        Recipe{"fat32_4096", "mkfs.vfat", "mkfs.vfat -F 32 -S 4096 -n bootfs disk", 300 * mib,
               FileSystemUse::fat},
        Recipe{"fat_unnamed", "mkfs.vfat", "mkfs.vfat disk", 32 * mib, FileSystemUse::fat},
        Recipe{"btrfs", "mkfs.btrfs", "mkfs.btrfs -q -L butter disk", 128 * mib, root},
        Recipe{"xfs", "mkfs.xfs", "mkfs.xfs -q -L xfslabel disk", 320 * mib, root},
        Recipe{"f2fs", "mkfs.f2fs", "mkfs.f2fs -q -l flash disk", 128 * mib, root},
        Recipe{"erofs", "mkfs.erofs",
               "mkdir -p tree && echo x > tree/x && rm disk && mkfs.erofs disk tree", mib, root},
        Recipe{"squashfs", "mksquashfs",
               "mkdir -p tree && echo x > tree/x && mksquashfs tree disk -noappend -quiet "
               "-no-progress",
               mib, root},
        Recipe{"swap", "mkswap", "mkswap -L swapspace disk", 8 * mib, other},
        Recipe{"swap_16k", "mkswap", "mkswap -f -p 16384 disk", 8 * mib, other},
        Recipe{"luks1", "cryptsetup",
               "cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 disk "
               "/etc/hostname",
               64 * mib, other},
        Recipe{"luks2", "cryptsetup",
               "cryptsetup -q luksFormat --type luks2 --label cellar --pbkdf pbkdf2 "
               "--pbkdf-force-iterations 1000 disk /etc/hostname",
               64 * mib, other}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(FileSystem, of_zeros_is_none) {
    const MemoryDisk disk(mib);
    EXPECT_FALSE(*probe_file_system(disk, 0, disk.size()));
    EXPECT_FALSE(*probe_file_system(disk, mib, 100));
    EXPECT_FALSE(*probe_file_system(disk, mib + 1, 100));
    EXPECT_FALSE(*probe_file_system(disk, 0, 0));
}

TEST(FileSystem, of_lvm_and_raid_tells_why_not) {
    MemoryDisk disk(mib);
    const auto put = [&](size_t at, std::string_view text) {
        std::ranges::copy(text, disk.bytes.begin() + static_cast<ptrdiff_t>(at));
    };
    put(512, "LABELONE");
    put(512 + 24, "LVM2 001");
    disk.bytes[512 + 20] = 32;
    put(512 + 32, "0123456789abcdefghijklmnopqrstuv");
    auto found = *probe_file_system(disk, 0, disk.size());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->type, "LVM2_member");
    EXPECT_EQ(found->uuid, "012345-6789-abcd-efgh-ijkl-mnop-qrstuv");
    EXPECT_TRUE(found->why_not().contains("LVM"));

    for (const size_t at : {size_t{0}, size_t{4096}, size_t{mib - 8192}, size_t{mib - 65536}}) {
        MemoryDisk raid(mib);
        store_le32(raid.bytes.data() + at, 0xa92b4efc);
        raid.bytes[at + 4] = at == mib - 65536 ? 0 : 1;
        found = *probe_file_system(raid, 0, raid.size());
        ASSERT_TRUE(found) << at;
        EXPECT_EQ(found->type, "linux_raid_member");
    }
}

TEST(SizeText, is_what_a_person_would_say) {
    EXPECT_EQ(size_text(900), "900 bytes");
    EXPECT_EQ(size_text(512 * mib), "512 MiB");
    EXPECT_EQ(size_text(15'900 * mib), "15.5 GiB");
    EXPECT_EQ(size_text(~uint64_t{0}), "15.9 EiB");
}

}  // namespace
}  // namespace bootwire::disk
