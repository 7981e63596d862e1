#include <gtest/gtest.h>

#include "handoff/os_fstab.h"

namespace bootwire::handoff {
namespace {

OwnDisk usual_disk() {
    OwnDisk disk;
    disk.partitions = {{1, "/dev/sda1", "vfat", "1a2b3c4d-01", "ABCD-1234", "bootfs", ""},
                       {2, "/dev/sda2", "ext4", "1a2b3c4d-02", "11-22", "rootfs", ""},
                       {3, "/dev/sda3", "swap", "1a2b3c4d-03", "", "", ""}};
    disk.root_node = "/dev/sda2";
    disk.root_type = "ext4";
    disk.root_word = "PARTUUID=1a2b3c4d-02";
    return disk;
}

std::string healed(std::string_view fstab, const OwnDisk& disk = usual_disk()) {
    return fstab_with_own_nodes(fstab, disk).value_or("as it was");
}

TEST(Fstab, has_the_disks_own_partitions_for_those_of_the_card_that_it_was) {
    EXPECT_EQ(healed("proc /proc proc defaults 0 0\n"
                     "/dev/mmcblk0p1  /boot\tvfat defaults 0 2 # card\n"
                     "\t/dev/mmcblk0p2 / ext4 defaults,noatime 0 1\n"
                     "/dev/mmcblk0p3 none swap sw 0 0"),
              "proc /proc proc defaults 0 0\n"
              "/dev/sda1  /boot\tvfat defaults 0 2 # card\n"
              "\t/dev/sda2 / ext4 defaults,noatime 0 1\n"
              "/dev/sda3 none swap sw 0 0");
    EXPECT_EQ(healed("/dev/disk/by-id/mmc-SC16G_0x1-part1 /boot auto ro 0 0\n"
                     "/dev/disk/by-path/platform-fe340000.mmc-part1 /a vfat ro 0 0\n"),
              "/dev/sda1 /boot auto ro 0 0\n/dev/sda1 /a vfat ro 0 0\n");
}

TEST(Fstab, that_names_no_card_stays_as_it_is) {
    for (const char* fstab :
         {"", "\n", "# /dev/mmcblk0p1 /boot vfat defaults 0 0\n", "/dev/mmcblk0p1 /boot\n",
          "PARTUUID=1a2b3c4d-01 /boot/firmware vfat defaults 0 2\n",
          "/dev/sda1 /mnt/stick vfat defaults 0 0\n", "/dev/nvme0n1p1 /mnt/ssd vfat defaults 0 0\n",
          "/dev/mmcblk1p1 /mnt/other vfat defaults 0 0\n",
          "/dev/mmcblk0 /mnt/whole vfat defaults 0 0\n", "/dev/loop0 /a vfat ro 0 0\n",
          "/dev/disk/by-path/platform-usb-0:1:1.0-scsi-0:0:0:0-part1 /mnt vfat ro 0 0\n"}) {
        EXPECT_EQ(healed(fstab), "as it was") << fstab;
    }
}

TEST(Fstab, keeps_lines_for_what_the_disk_does_not_have) {
    EXPECT_EQ(healed("/dev/mmcblk0p1 /data ext4 defaults 0 0\n"), "as it was") << "it is FAT";
    EXPECT_EQ(healed("/dev/mmcblk0p7 /data vfat defaults 0 0\n"), "as it was");
    EXPECT_EQ(healed("/dev/mmcblk0p1 /boot vfat ro 0 0\n/dev/mmcblk0p2 /data vfat ro 0 0\n"),
              "/dev/sda1 /boot vfat ro 0 0\n/dev/mmcblk0p2 /data vfat ro 0 0\n");
}

TEST(Fstab, is_read_by_the_name_that_the_disk_itself_says_it_had) {
    OwnDisk disk = usual_disk();
    disk.root_word = "/dev/sdb2";
    EXPECT_EQ(healed("/dev/sdb1 /boot vfat ro 0 0\n/dev/mmcblk0p1 /card vfat ro 0 0\n", disk),
              "/dev/sda1 /boot vfat ro 0 0\n/dev/mmcblk0p1 /card vfat ro 0 0\n")
        << "the card was another disk";
    EXPECT_EQ(healed("/dev/nvme0n1p2 / ext4 ro 0 1\n/dev/nvme0n1p1 /boot vfat ro 0 0\n"),
              "/dev/sda2 / ext4 ro 0 1\n/dev/sda1 /boot vfat ro 0 0\n");
    disk.root_word = "/dev/sda2";
    EXPECT_EQ(healed("/dev/sda1 /boot vfat ro 0 0\n", disk), "as it was") << "it has that name";
}

TEST(Fstab, has_no_name_that_a_twin_of_the_disk_has_as_well) {
    constexpr char fstab[] =
        "PARTUUID=1A2B3C4D-02 / ext4 defaults,noatime 0 1\n"
        "UUID=abcd-1234 /boot/firmware vfat defaults 0 2\n"
        "LABEL=other /data ext4 defaults 0 2\n"
        "/dev/disk/by-partuuid/1a2b3c4d-03 none swap sw 0 0\n"
        "tmpfs /tmp tmpfs defaults 0 0\n";
    EXPECT_EQ(healed(fstab), "as it was");
    OwnDisk disk = usual_disk();
    disk.has_twin = true;
    EXPECT_EQ(healed(fstab, disk),
              "/dev/sda2 / ext4 defaults,noatime 0 1\n"
              "/dev/sda1 /boot/firmware vfat defaults 0 2\n"
              "LABEL=other /data ext4 defaults 0 2\n"
              "/dev/sda3 none swap sw 0 0\n"
              "tmpfs /tmp tmpfs defaults 0 0\n");
    EXPECT_EQ(healed("LABEL= /data auto ro 0 0\nPARTLABEL=x /data auto ro 0 0\n", disk),
              "as it was");
}

TEST(Fstab, has_the_root_that_was_chosen_for_its_own) {
    OwnDisk disk = usual_disk();
    disk.root_node = "/dev/sda5";
    EXPECT_EQ(healed("/dev/mmcblk0p2 / ext4 ro 0 1\n", disk), "/dev/sda5 / ext4 ro 0 1\n");
    disk.root_type = "btrfs";
    EXPECT_EQ(healed("/dev/mmcblk0p2 / ext4 ro 0 1\n", disk), "as it was");
}

}  // namespace
}  // namespace bootwire::handoff
