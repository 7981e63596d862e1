#include "disk/root_spec.h"

#include <gtest/gtest.h>

namespace bootwire::disk {
namespace {

using Kind = RootSpec::Kind;

void expect(std::string_view text, const RootSpec& spec) {
    const auto parsed = parse_root_spec(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().to_string();
    EXPECT_EQ(*parsed, spec) << text;
    const auto again = parse_root_spec(parsed->to_string());
    ASSERT_TRUE(again) << parsed->to_string();
    EXPECT_EQ(*again, spec);
}

TEST(RootSpec, knows_partuuids_of_mbr_and_gpt) {
    expect("PARTUUID=1A2b3c4d-02", {Kind::partuuid, "1a2b3c4d-02", 0});
    expect("PARTUUID=1A2B3C4D-0011-2233-4455-66778899aabb",
           {Kind::partuuid, "1a2b3c4d-0011-2233-4455-66778899aabb", 0});
    expect("/dev/disk/by-partuuid/1a2b3c4d-02", {Kind::partuuid, "1a2b3c4d-02", 0});
}

TEST(RootSpec, knows_uuids_and_labels) {
    expect("UUID=ABCD-1234", {Kind::uuid, "abcd-1234", 0});
    expect("LABEL=rootFS", {Kind::label, "rootFS", 0});
    expect("LABEL=\"my root\"", {Kind::label, "my root", 0});
    expect("PARTLABEL=Linux root", {Kind::partlabel, "Linux root", 0});
    expect("/dev/disk/by-label/writable", {Kind::label, "writable", 0});
}

TEST(RootSpec, takes_the_number_out_of_device_names) {
    for (const char* text : {"2", "/dev/mmcblk0p2", "/dev/mmcblk1p2", "/dev/sda2", "/dev/sdab2",
                             "/dev/nvme0n1p2", "/dev/vda2", "/dev/xvda2", "/dev/loop0p2"}) {
        expect(text, {Kind::partition_number, {}, 2});
    }
    expect("/dev/sda15", {Kind::partition_number, {}, 15});
}

TEST(RootSpec, knows_the_whole_disk) {
    for (const char* text : {"whole", "/dev/sda", "/dev/mmcblk0", "/dev/nvme0n1", "/dev/vdb"}) {
        expect(text, {Kind::whole_disk, {}, 0});
    }
}

TEST(RootSpec, refuses_everything_else_and_says_why) {
    for (const char* text : {"",
                             "0",
                             "257",
                             "99999999999",
                             "PARTUUID=",
                             "PARTUUID=xyz",
                             "PARTUUID=1a2b3c4d-002",
                             "PARTUUID=1a2b3c4d-0011-2233-4455",
                             "LABEL=",
                             "/dev/",
                             "/dev/sd",
                             "/dev/sda0",
                             "/dev/mmcblk",
                             "/dev/mmcblkp2",
                             "/dev/nvme",
                             "/dev/root",
                             "/dev/disk/by-id/x",
                             "179:02",
                             "partuuid=1a2b3c4d-02",
                             "/dev/sd a2",
                             "/dev/../sda2"}) {
        const auto parsed = parse_root_spec(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_FALSE(parsed.error().what.empty());
    }
    EXPECT_EQ(parse_root_spec("/dev/nfs").error().what, "/dev/nfs is not on a disk");
    EXPECT_NE(parse_root_spec("/dev/mapper/vg-root").error().what.find("LVM"), std::string::npos);
    EXPECT_EQ(parse_root_spec("PARTUUID=1a2b3c4d-01/PARTNROFF=1").error().what,
              "PARTNROFF= is not supported");
    EXPECT_FALSE(parse_root_spec("LABEL=" + std::string(300, 'x')));
}

}  // namespace
}  // namespace bootwire::disk
