#include "shutdown/mounts.h"

#include <gtest/gtest.h>

namespace bootwire::shutdown {
namespace {

// As systemd leaves it behind after its change into /run/initramfs.
constexpr char pivoted[] =
    "25 1 0:21 /initramfs / rw,nosuid,nodev - tmpfs tmpfs rw,mode=755\n"
    "26 25 8:2 / /oldroot ro,noatime - ext4 /dev/sda2 rw,errors=remount-ro\n"
    "27 26 0:5 / /oldroot/dev rw - devtmpfs devtmpfs rw\n"
    "28 27 0:22 / /oldroot/dev/pts rw - devpts devpts rw\n"
    "29 26 8:1 / /oldroot/boot/firm\\040ware rw shared:1 master:2 - vfat /dev/sda1 rw\n"
    "30 26 0:21 /covers/x /oldroot/etc/resolv.conf rw - tmpfs tmpfs rw\n"
    "31 25 0:5 / /dev rw - devtmpfs devtmpfs rw\n"
    "32 25 8:17 / /oldroots rw - ext4 /dev/sdb1 rw\n";

std::vector<std::string> targets(const std::vector<Mount>& mounts) {
    std::vector<std::string> names;
    for (const Mount& mount : mounts)
        names.push_back(mount.target);
    return names;
}

TEST(Mountinfo, is_understood_with_and_without_optional_fields) {
    const auto mounts = parse_mountinfo(pivoted);
    ASSERT_EQ(mounts.size(), 8u);
    EXPECT_EQ(mounts[4].target, "/oldroot/boot/firm ware");
    EXPECT_EQ(mounts[4].type, "vfat");
    EXPECT_EQ(mounts[4].source, "/dev/sda1");
    EXPECT_TRUE(mounts[4].is_on_a_device());
    EXPECT_FALSE(mounts[5].is_on_a_device());
    EXPECT_TRUE(mounts[1].read_only);
    EXPECT_FALSE(mounts[4].read_only);
}

TEST(Mountinfo, of_another_form_is_left_out) {
    EXPECT_TRUE(parse_mountinfo("").empty());
    EXPECT_TRUE(
        parse_mountinfo("25 1 0:21 / /x rw\n25 1 0:21 / /x rw shared:1 -\n- - - -").empty());
    EXPECT_EQ(parse_mountinfo("1 2 3 / \\04 rw - t s o").front().target, "\\04");
}

TEST(ToUnmount, takes_the_moved_system_and_nothing_else_the_deepest_first) {
    const auto order = targets(to_unmount(parse_mountinfo(pivoted), "/oldroot"));
    EXPECT_EQ(order,
              (std::vector<std::string>{"/oldroot/etc/resolv.conf", "/oldroot/boot/firm ware",
                                        "/oldroot/dev/pts", "/oldroot/dev", "/oldroot"}));
}

TEST(ToUnmount, takes_what_is_on_devices_but_not_the_root_of_a_system_that_was_not_moved) {
    const auto mounts = parse_mountinfo(
        "26 1 8:2 / / ro - ext4 /dev/sda2 ro\n"
        "27 26 0:5 / /dev rw - devtmpfs devtmpfs rw\n"
        "29 26 8:1 / /boot/firmware rw - vfat /dev/sda1 rw\n"
        "30 26 0:21 / /run rw - tmpfs tmpfs rw\n");
    EXPECT_EQ(targets(to_unmount(mounts, "/oldroot")),
              (std::vector<std::string>{"/boot/firmware"}));
}

TEST(ToUnmount, takes_the_upper_of_two_at_the_same_place_first) {
    auto mounts = parse_mountinfo(
        "26 1 8:2 / /oldroot rw - ext4 /dev/sda2 rw\n"
        "27 26 8:3 / /oldroot/x rw - ext4 /dev/lower rw\n"
        "28 27 8:4 / /oldroot/x rw - ext4 /dev/upper rw\n");
    mounts = to_unmount(mounts, "/oldroot");
    EXPECT_EQ(mounts[0].source, "/dev/upper");
    EXPECT_EQ(mounts[1].source, "/dev/lower");
}

TEST(Mount_, is_on_a_disk_if_its_source_is_that_or_a_partition_of_it) {
    const auto from = [](const char* source) { return Mount{"/mnt", "ext4", source}; };
    EXPECT_TRUE(from("/dev/sda").is_on("sda"));
    EXPECT_TRUE(from("/dev/sda12").is_on("sda"));
    EXPECT_TRUE(from("/dev/nvme0n1p2").is_on("nvme0n1"));
    EXPECT_FALSE(from("/dev/sdaa").is_on("sda"));
    EXPECT_FALSE(from("/dev/sdb1").is_on("sda"));
    EXPECT_FALSE(from("server:/dev/sda").is_on("sda"));
    EXPECT_FALSE(from("/dev/sda").is_on(""));
}

}  // namespace
}  // namespace bootwire::shutdown
