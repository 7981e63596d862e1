#include "disk/choose_root.h"

#include <gtest/gtest.h>

namespace bootwire::disk {
namespace {

constexpr uint64_t mib = 1024 * 1024;

FileSystem file_system(std::string type, std::string uuid, std::string label) {
    const auto use = type == "vfat"                      ? FileSystemUse::fat
                     : type == "swap" || type.size() > 8 ? FileSystemUse::other
                                                         : FileSystemUse::root;
    return {std::move(type), std::move(uuid), std::move(label), use};
}

Volume volume(unsigned number, std::optional<FileSystem> content) {
    Partition partition;
    partition.number = number;
    partition.start = number * mib;
    partition.size = mib;
    partition.part_uuid = "1a2b3c4d-0" + std::to_string(number);
    partition.part_label = "part" + std::to_string(number);
    return {partition, std::move(content)};
}

Layout usual() {
    Layout layout;
    layout.table.kind = TableKind::mbr;
    layout.size = 64 * mib;
    layout.volumes = {volume(1, file_system("vfat", "ABCD-1234", "bootfs")),
                      volume(2, file_system("ext4", "11-22", "rootfs")),
                      volume(3, file_system("ext4", "33-44", "data")),
                      volume(4, file_system("swap", "", ""))};
    return layout;
}

unsigned chosen(const Layout& layout, std::string_view wish, std::string_view cmdline = "") {
    std::optional<disk::RootSpec> spec;
    if (!wish.empty()) spec = *disk::parse_root_spec(wish);
    const auto choice = choose_root(layout, spec, cmdline);
    EXPECT_TRUE(choice) << choice.error().to_string();
    return choice ? choice->number : 999;
}

Error error_of(const Layout& layout, std::string_view wish, std::string_view cmdline = "") {
    std::optional<disk::RootSpec> spec;
    if (!wish.empty()) spec = *disk::parse_root_spec(wish);
    const auto choice = choose_root(layout, spec, cmdline);
    EXPECT_FALSE(choice) << choice->why;
    if (choice) return {};
    // What was asked for is not there, or nothing was asked for and nothing is there.
    return choice.error();
}

TEST(ChooseRoot, by_each_form_of_iscsi_root) {
    for (const char* wish : {"PARTUUID=1A2B3C4D-03", "UUID=33-44", "LABEL=data", "PARTLABEL=part3",
                             "3", "/dev/mmcblk0p3", "/dev/sda3"}) {
        EXPECT_EQ(chosen(usual(), wish), 3u) << wish;
    }
}

TEST(ChooseRoot, wish_wins_over_the_disks_cmdline_and_this_over_convention) {
    EXPECT_EQ(chosen(usual(), "2", "root=LABEL=data"), 2u);
    EXPECT_EQ(chosen(usual(), "", "LABEL=data"), 3u);
    EXPECT_EQ(chosen(usual(), "", ""), 2u);
}

TEST(ChooseRoot, says_why) {
    EXPECT_EQ(choose_root(usual(), {}, "PARTUUID=1a2b3c4d-02")->why,
              "partition 2, ext4 \"rootfs\": root=PARTUUID=1a2b3c4d-02 in the disk's cmdline.txt");
    EXPECT_EQ(choose_root(usual(), disk::RootSpec{disk::RootSpec::Kind::label, "data", 0}, "")->why,
              "partition 3, ext4 \"data\": iscsi.root=LABEL=data");
    EXPECT_EQ(choose_root(usual(), {}, "")->why,
              "partition 2, ext4 \"rootfs\": the second partition, as usual on a Raspberry Pi");
}

TEST(ChooseRoot, passes_over_a_cmdline_that_fits_nothing_and_warns) {
    for (const char* root : {"PARTUUID=ffffffff-02", "/dev/nfs", "LABEL=x", "4", "1", "9"}) {
        const auto choice = choose_root(usual(), {}, root);
        ASSERT_TRUE(choice) << root;
        EXPECT_EQ(choice->number, 2u);
        ASSERT_EQ(choice->warnings.size(), 1u);
        EXPECT_TRUE(choice->warnings[0].contains("cmdline.txt")) << choice->warnings[0];
    }
}

TEST(ChooseRoot, takes_the_only_linux_file_system_when_the_second_partition_is_none) {
    auto layout = usual();
    layout.volumes[1].file_system.reset();
    EXPECT_EQ(chosen(layout, ""), 3u);
    layout.volumes.erase(layout.volumes.begin() + 1);
    EXPECT_EQ(chosen(layout, ""), 3u);
    layout.volumes.push_back(volume(5, file_system("xfs", "", "")));
    const auto error = error_of(layout, "");
    EXPECT_TRUE(error.what.starts_with("several partitions could be the root"));
    EXPECT_TRUE(error.what.contains("5 xfs 1 MiB")) << error.what;
}

Layout home_assistant() {
    Layout layout;
    layout.table.kind = TableKind::gpt;
    layout.size = 64 * mib;
    layout.volumes = {volume(1, file_system("vfat", "ABCD-1234", "hassos-boot")),
                      volume(2, file_system("squashfs", "", "")),
                      volume(3, file_system("erofs", "", "")),
                      volume(4, file_system("ext4", "33-44", "hassos-data"))};
    layout.volumes[0].partition.part_label = "hassos-boot";
    layout.volumes[1].partition.part_label = "hassos-kernel0";
    layout.volumes[2].partition.part_label = "hassos-system0";
    return layout;
}

TEST(ChooseRoot, names_a_system_that_has_no_root_to_be_switched_into) {
    auto layout = home_assistant();
    auto error = error_of(layout, "");
    EXPECT_TRUE(error.what.contains("the disk holds Home Assistant OS")) << error.what;
    EXPECT_TRUE(error.what.contains("2 squashfs 1 MiB")) << error.what;
    EXPECT_TRUE(error.hint.contains("on Raspberry Pi OS or Debian")) << error.hint;
    for (Volume& volume : layout.volumes)
        volume.partition.part_label.clear();
    EXPECT_TRUE(error_of(layout, "").what.contains("Home Assistant OS")) << "under an MBR";
    EXPECT_EQ(chosen(layout, "3"), 3u) << "whoever asks for it gets it";
    EXPECT_EQ(chosen(layout, "", "PARTUUID=1a2b3c4d-03"), 3u);

    layout = usual();
    layout.volumes[0].file_system->label = "LIBREELEC";
    layout.volumes[1].file_system->label = "STORAGE";
    error = error_of(layout, "", "");
    EXPECT_TRUE(error.what.contains("the disk holds LibreELEC")) << error.what;
    EXPECT_EQ(chosen(layout, "2"), 2u);
}

TEST(ChooseRoot, lists_what_is_there_when_the_wish_is_not) {
    const auto error = error_of(usual(), "LABEL=nowhere");
    EXPECT_EQ(error.what,
              "iscsi.root=LABEL=nowhere is not on the disk: the disk has MBR: 1 vfat \"bootfs\" 1 "
              "MiB, 2 ext4 \"rootfs\" 1 MiB, 3 ext4 \"data\" 1 MiB, 4 swap 1 MiB");
}

TEST(ChooseRoot, tells_why_a_partition_is_no_root) {
    EXPECT_TRUE(error_of(usual(), "1").what.contains("it is a FAT file system"));
    EXPECT_TRUE(error_of(usual(), "4").what.contains("it is swap space"));
    auto layout = usual();
    layout.volumes[2].file_system = file_system("crypto_LUKS", "", "");
    EXPECT_TRUE(error_of(layout, "3").what.contains("encrypted"));
    layout.volumes[2].file_system.reset();
    EXPECT_TRUE(error_of(layout, "3").what.contains("no known file system"));
    layout.volumes[2].partition.extended = true;
    EXPECT_TRUE(error_of(layout, "3").what.contains("logical partitions"));
}

TEST(ChooseRoot, refuses_a_wish_that_two_partitions_fit) {
    auto layout = usual();
    layout.volumes[2].file_system->label = "rootfs";
    EXPECT_TRUE(error_of(layout, "LABEL=rootfs").what.contains("is there 2 times"));
}

TEST(ChooseRoot, takes_the_whole_disk_where_there_are_no_partitions) {
    Layout layout;
    layout.size = 64 * mib;
    layout.whole_disk = file_system("ext4", "11-22", "all");
    for (const char* wish : {"", "whole", "/dev/sda", "LABEL=all", "UUID=11-22"}) {
        EXPECT_EQ(chosen(layout, wish), 0u) << wish;
    }
    EXPECT_EQ(chosen(layout, "", "/dev/mmcblk0p2"), 0u);
    EXPECT_FALSE(choose_root(layout, *disk::parse_root_spec("LABEL=x"), ""));
    EXPECT_FALSE(choose_root(layout, *disk::parse_root_spec("2"), ""));
    layout.whole_disk = file_system("vfat", "", "");
    EXPECT_FALSE(choose_root(layout, {}, ""));
    layout.whole_disk.reset();
    EXPECT_TRUE(error_of(layout, "").what.starts_with("there is neither a partition table"));
}

TEST(ChooseRoot, does_not_take_a_partitioned_disk_as_a_whole) {
    EXPECT_TRUE(
        error_of(usual(), "whole").what.starts_with("the whole disk is not one file system"));
}

TEST(BootPartition, is_the_first_fat_one) {
    auto layout = usual();
    ASSERT_NE(layout.boot_partition(), nullptr);
    EXPECT_EQ(layout.boot_partition()->partition.number, 1u);
    layout.volumes.erase(layout.volumes.begin());
    EXPECT_EQ(layout.boot_partition(), nullptr);
}

}  // namespace
}  // namespace bootwire::disk
