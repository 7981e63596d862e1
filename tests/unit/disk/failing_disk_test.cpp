// A disk that fails to read: what it was to tell is an error, never "there is none".
#include <functional>

#include "block/block_device.h"
#include "disk/layout.h"
#include "disk/resize.h"
#include "images.h"

namespace bootwire::disk {
namespace {

using block::BlockDevice;

constexpr uint64_t mib = 1024 * 1024;

/// Each reading of all that the work needs fails once. Returns how many they are.
size_t fails_with_each_reading(const storage::BlockSource& disk,
                               const std::function<Status(const storage::BlockSource&)>& work) {
    for (size_t reading = 0; reading < 1000; ++reading) {
        const FailingDisk failing(disk, reading);
        const Status done = work(failing);
        if (!failing.has_failed()) {
            EXPECT_TRUE(done);
            return reading;
        }
        EXPECT_FALSE(done) << "reading " << reading;
        if (done) break;
        EXPECT_EQ(done.error().what, FailingDisk::why) << "reading " << reading;
    }
    return 0;
}

class FailingDisks : public Workshop {
  protected:
    BlockDevice partitioned(const std::string& script) {
        make_image("disk", 64 * mib);
        const std::string said = run("printf '" + script + "' | sfdisk -q --no-tell-kernel disk");
        EXPECT_TRUE(succeeded()) << said;
        auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
        EXPECT_TRUE(device);
        return std::move(*device);
    }

    const std::string mbr = "label: dos\\nsize=4M\\nsize=8M\\nsize=8M\\n";
    const std::string chain = "label: dos\\nsize=4M\\ntype=5\\nsize=4M\\nsize=4M\\nsize=4M\\n";
    const std::string gpt = "label: gpt\\nsize=4M\\nsize=8M\\n";
};

TEST_F(FailingDisks, have_no_layout) {
    NEEDS_TOOL("sfdisk");
    const auto work = [](const storage::BlockSource& disk) {
        const auto layout = read_layout(disk);
        return layout ? Status() : Status(std::unexpected(layout.error()));
    };
    // Three readings for each partition that may be a RAID's: its start and twice its end.
    EXPECT_EQ(fails_with_each_reading(partitioned(mbr), work), 1 + 3 * 3u);
    EXPECT_EQ(fails_with_each_reading(partitioned(gpt), work), 3 + 3 * 2u);
    EXPECT_EQ(fails_with_each_reading(partitioned(chain), work), 1 + 3 + 3 * 4u);
    EXPECT_EQ(fails_with_each_reading(MemoryDisk(mib), work), 1 + 3u);
}

TEST_F(FailingDisks, have_no_partition_that_can_grow) {
    NEEDS_TOOL("sfdisk");
    const auto grow = [](unsigned root) {
        return [root](const storage::BlockSource& disk) {
            const auto growth = plan_growth(disk, root);
            return growth ? Status() : Status(std::unexpected(growth.error()));
        };
    };
    // The table, what is written, and what that will read as.
    EXPECT_EQ(fails_with_each_reading(partitioned(mbr), grow(3)), 1 + 1 + 1u);
    EXPECT_EQ(fails_with_each_reading(partitioned(gpt), grow(2)), 3 + 2 + 5 + 3 + 2u);
}

TEST_F(FailingDisks, of_which_the_first_gpt_is_broken_are_not_taken_for_broken_themselves) {
    NEEDS_TOOL("sfdisk");
    partitioned(gpt);
    flip("disk", 568);
    const auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_only);
    const auto work = [](const storage::BlockSource& disk) {
        const auto table = read_partition_table(disk);
        return table ? Status() : Status(std::unexpected(table.error()));
    };
    EXPECT_EQ(fails_with_each_reading(*device, work), 1 + 1 + 2u);
}

}  // namespace
}  // namespace bootwire::disk
