#include "block/block_device.h"

#include "images.h"
#include "os/file.h"

namespace bootwire::block {
namespace {

class Devices : public disk::Workshop {};

TEST_F(Devices, read_and_write_within_their_bounds_alone) {
    make_image("disk", 4096);
    auto device = BlockDevice::open(path("disk"), BlockDevice::Access::read_write);
    ASSERT_TRUE(device);
    EXPECT_EQ(device->size(), 4096u);
    std::array<uint8_t, 8> bytes{1, 2, 3, 4, 5, 6, 7, 8};
    ASSERT_TRUE(device->write(4088, bytes));
    ASSERT_TRUE(device->sync());
    ASSERT_TRUE(device->forget_cached());
    std::array<uint8_t, 8> there{};
    ASSERT_TRUE(device->read(4088, there));
    EXPECT_EQ(there, bytes);
    EXPECT_FALSE(device->read(4089, there));
    EXPECT_FALSE(device->write(4089, bytes));
    EXPECT_FALSE(device->read(~uint64_t{0}, there));
}

TEST_F(Devices, that_are_none_are_refused) {
    EXPECT_FALSE(BlockDevice::open(path("nothing"), BlockDevice::Access::read_only));
    EXPECT_FALSE(BlockDevice::open("/dev/null", BlockDevice::Access::read_only));
}

TEST_F(Devices, have_the_partitions_that_sysfs_lists_under_whatever_name) {
    const auto put = [&](const std::string& name, const std::string& text) {
        const std::string file = path("sys/class/block/mmcblk0/" + name);
        ASSERT_TRUE(make_directories(file.substr(0, file.rfind('/'))));
        std::ofstream(file) << text << '\n';
    };
    put("mmcblk0p2/partition", "2");
    put("mmcblk0p2/start", "1050624");
    put("mmcblk0p2/size", "4096");
    put("mmcblk0p1/partition", "1");
    put("mmcblk0p1/start", "8192");
    put("mmcblk0p1/size", "1042432");
    put("queue/rotational", "0");
    const auto nodes = partition_nodes("mmcblk0", path("sys"));
    ASSERT_TRUE(nodes);
    ASSERT_EQ(nodes->size(), 2u);
    EXPECT_EQ((*nodes)[0].name, "mmcblk0p1");
    EXPECT_EQ((*nodes)[1].start, 1050624u * 512);
    EXPECT_EQ((*nodes)[1].size, 4096u * 512);
    EXPECT_EQ(*partition_path("mmcblk0", 2, path("sys")), "/dev/mmcblk0p2");
    EXPECT_EQ(*partition_path("mmcblk0", 0, path("sys")), "/dev/mmcblk0");
    const auto missing = partition_path("mmcblk0", 3, path("sys"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().remedy, Remedy::waiting_helps);
    EXPECT_FALSE(partition_nodes("sda", path("sys")));
}

TEST_F(Devices, know_what_partitions_of_other_disks_are_called) {
    const auto put = [&](const std::string& name, const std::string& text) {
        const std::string file = path("sys/class/block/" + name);
        ASSERT_TRUE(make_directories(file.substr(0, file.rfind('/'))));
        std::ofstream(file) << text << '\n';
    };
    put("sda/uevent", "DEVNAME=sda");
    put("sda/sda1/partition", "1");
    put("sda/sda1/start", "8192");
    put("sda/sda1/size", "8192");
    put("sda1/uevent", "DEVNAME=sda1\nPARTUUID=1a2b3c4d-01");
    put("sdaa1/uevent", "DEVNAME=sdaa1\nPARTN=1\nPARTUUID=99999999-01");
    put("mmcblk0/uevent", "DEVNAME=mmcblk0");
    put("mmcblk0p2/uevent", "DEVNAME=mmcblk0p2\nPARTUUID=1a2b3c4d-02");
    EXPECT_EQ(part_uuids_elsewhere("sda", path("sys")),
              (std::vector<std::string>{"1a2b3c4d-02", "99999999-01"}));
    EXPECT_TRUE(part_uuids_elsewhere("sda", path("nowhere")).empty());
}

}  // namespace
}  // namespace bootwire::block
