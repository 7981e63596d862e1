// Which partitions are the root, where the words for it just fit or just do not.
#include <gtest/gtest.h>

#include "disk/choose_root.h"

namespace bootwire::disk {
namespace {

using Kind = RootSpec::Kind;

std::string what_is_wrong(std::string_view text) {
    const auto spec = parse_root_spec(text);
    return spec ? "nothing: " + spec->to_string() : spec.error().what;
}

TEST(PartUuid, has_groups_of_8_and_2_or_of_8_4_4_4_and_12_digits) {
    for (const char* good : {"01234567-89", "01234567-89ab-cdef-0123-456789abcdef"})
        EXPECT_EQ(what_is_wrong("PARTUUID=" + std::string(good)),
                  "nothing: PARTUUID=" + std::string(good));
    for (const char* bad :
         {"0123456-89", "012345678-89", "01234567-8", "01234567-89a", "01234567", "01234567-",
          "-89", "0123456-89ab-cdef-0123-456789abcdef", "01234567-89a-cdef-0123-456789abcdef",
          "01234567-89ab-cde-0123-456789abcdef", "01234567-89ab-cdef-012-456789abcdef",
          "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef-0",
          "0123456g-89", "01234567-89ab-cdef-0123"}) {
        EXPECT_EQ(what_is_wrong("PARTUUID=" + std::string(bad)),
                  '"' + std::string(bad) +
                      "\" is no PARTUUID: those look like 1a2b3c4d-02 or like "
                      "1a2b3c4d-0011-2233-4455-66778899aabb");
    }
}

TEST(RootValues, have_up_to_255_bytes_and_256_partitions) {
    const std::string longest(255, 'l');
    EXPECT_EQ(parse_root_spec("LABEL=" + longest)->text, longest);
    EXPECT_EQ(what_is_wrong("LABEL=" + longest + "l"), "LABEL= has a value of more than 255 bytes");
    for (const char* empty : {"LABEL=", "LABEL=\"\""})
        EXPECT_EQ(what_is_wrong(empty), "LABEL= has no value");
    EXPECT_EQ(parse_root_spec("LABEL=\"")->text, "\"");
    EXPECT_EQ(parse_root_spec("LABEL=\"a")->text, "\"a");
    EXPECT_EQ(parse_root_spec("LABEL=a\"")->text, "a\"");
    EXPECT_EQ(parse_root_spec("1")->number, 1u);
    EXPECT_EQ(parse_root_spec("256")->number, 256u);
    for (const char* number : {"0", "257"})
        EXPECT_EQ(what_is_wrong(number),
                  "partition numbers go from 1 to 256, not " + std::string(number));
    EXPECT_EQ(what_is_wrong(""), "nothing is given");
    EXPECT_EQ(what_is_wrong("2x"), "\"2x\" names no partition");
}

TEST(RootDevices, are_disks_and_partitions_by_the_kernels_names_for_them) {
    for (const char* two : {"sda2", "sdaaa2", "vdb2", "xvda2", "hda2", "nbd0p2", "nvme10n11p2"})
        EXPECT_EQ(what_is_wrong("/dev/" + std::string(two)), "nothing: 2") << two;
    for (const char* whole : {"sda", "sdaaa", "hda", "nbd0", "loop1"})
        EXPECT_EQ(what_is_wrong("/dev/" + std::string(whole)), "nothing: whole") << whole;
    for (const char* none : {"", "2", "sd", "sd2", "sdaaaa", "sdaaaa2", "sda1b2", "mmcblk", "nvme",
                             "nvme0n1p", "mmcblk0p", "loopp2", "nbdp2", "SDA2", "sr0", "root"}) {
        EXPECT_EQ(what_is_wrong("/dev/" + std::string(none)),
                  "/dev/" + std::string(none) + " is not the name of a disk or a partition")
            << none;
    }
    for (const char* elsewhere : {"nfs", "ram", "ram0", "cifs"})
        EXPECT_EQ(what_is_wrong("/dev/" + std::string(elsewhere)),
                  "/dev/" + std::string(elsewhere) + " is not on a disk");
    for (const char* made : {"mapper/vg-root", "dm-0", "md0"})
        EXPECT_EQ(what_is_wrong("/dev/" + std::string(made)),
                  "/dev/" + std::string(made) +
                      " needs LVM, encryption or RAID, which bootwire does not set up");
    EXPECT_EQ(parse_root_spec("/dev/disk/by-uuid/AB")->text, "ab");
    EXPECT_EQ(parse_root_spec("/dev/disk/by-partlabel/a")->kind, Kind::partlabel);
}

Volume volume(unsigned number, std::optional<FileSystem> content) {
    Partition partition;
    partition.number = number;
    partition.start = uint64_t{number} * 1000;
    partition.size = 500;
    partition.part_uuid = "id" + std::to_string(number);
    return {partition, std::move(content)};
}

const FileSystem linux_system{"ext4", "11-22", "name", FileSystemUse::root};

TEST(ChosenRoot, is_where_and_what_the_layout_says) {
    Layout layout;
    layout.table.kind = TableKind::gpt;
    layout.volumes = {volume(1, {}), volume(2, {}), volume(3, linux_system)};
    for (const char* wish : {"LABEL=name", "UUID=11-22", "3"}) {
        const auto choice = choose_root(layout, *parse_root_spec(wish), "");
        ASSERT_TRUE(choice) << wish;
        EXPECT_EQ(choice->number, 3u);
        EXPECT_EQ(choice->start, 3000u);
        EXPECT_EQ(choice->size, 500u);
        EXPECT_EQ(choice->part_uuid, "id3");
        EXPECT_EQ(choice->file_system.type, "ext4");
    }
    Layout whole;
    whole.size = 9000;
    whole.whole_disk = linux_system;
    const auto choice = choose_root(whole, {}, "");
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->number, 0u);
    EXPECT_EQ(choice->start, 0u);
    EXPECT_EQ(choice->size, 9000u);
    EXPECT_EQ(choice->why, "the whole disk, ext4: there is no partition table");
    EXPECT_FALSE(choose_root(whole, *parse_root_spec("PARTLABEL=name"), ""))
        << "that is no label of the file system";
}

TEST(ChosenRoot, that_there_is_not_is_told_with_what_the_disks_command_line_wanted) {
    Layout layout;
    layout.table.kind = TableKind::mbr;
    layout.volumes = {volume(1, {})};
    const auto none = choose_root(layout, {}, "LABEL=gone");
    ASSERT_FALSE(none);
    EXPECT_EQ(
        none.error().what,
        "root=LABEL=gone in the disk's cmdline.txt is not on the disk: the disk has MBR: 1 no "
        "known file system 500 bytes; there is no root file system on the disk: the disk has "
        "MBR: 1 no known file system 500 bytes");
    EXPECT_TRUE(choose_root(layout, {}, "").error().what.starts_with("there is no root file"));
    EXPECT_TRUE(choose_root(layout, {}, "/dev/nfs", "extlinux.conf")
                    .error()
                    .what.starts_with("root=/dev/nfs in the disk's extlinux.conf is not usable: "
                                      "/dev/nfs is not on a disk; "));
}

}  // namespace
}  // namespace bootwire::disk
