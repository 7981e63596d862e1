// Which folder the firmware looks in, and when it leaves it out.
#include <gtest/gtest.h>

#include "bootfiles/boot_files.h"
#include "memory_folder.h"

namespace bootwire::bootfiles {
namespace {

const Board pi3{0xa02082, "", 1};
const Board pi4{0xc03114, "", 1};
const Board not_a_pi{std::nullopt, "", 1};

TEST(OsPrefix, holds_where_kernel_and_tree_are_there) {
    MemoryFolder folder;
    for (const char* name : {"kernel8.img", "bcm2711-rpi-4-b.dtb", "new/kernel8.img"})
        folder.files[name] = "x";
    const auto files = [&](const std::string& config) {
        folder.files["config.txt"] = config;
        return *find_boot_files(folder, pi4);
    };
    EXPECT_EQ(files("os_prefix=new/").kernel, "kernel8.img") << "no tree is there";
    EXPECT_EQ(files("os_prefix=new/").notes.size(), 1u);
    EXPECT_EQ(files("upstream_kernel=1").kernel, "kernel8.img");
    EXPECT_EQ(files("upstream_kernel=1").notes.size(), 0u) << "nobody has named that prefix";
    folder.files["new/mine.dtb"] = folder.files["mine.dtb"] = "x";
    EXPECT_EQ(files("os_prefix=new/\ndevice_tree=mine.dtb").device_tree, "new/mine.dtb");
    folder.files["new/bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(files("os_prefix=new/").kernel, "new/kernel8.img");
    folder.files["vmlinuz"] = "x";
    EXPECT_EQ(files("os_prefix=new/\nkernel=vmlinuz").kernel, "vmlinuz") << "it is outside alone";
    folder.files["upstream/kernel8.img"] = folder.files["upstream/bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(files("upstream_kernel=1").kernel, "upstream/kernel8.img");
}

TEST(OsPrefix, has_overlays_of_its_own_only_with_their_readme) {
    MemoryFolder folder;
    folder.files["config.txt"] = "os_prefix=new/\ndtoverlay=a\n";
    for (const char* name : {"new/kernel8.img", "new/bcm2711-rpi-4-b.dtb", "overlays/README"})
        folder.files[name] = "x";
    EXPECT_EQ(find_boot_files(folder, pi4)->tree_changes.at(0).overlay, "overlays/a.dtbo");
    folder.files["new/overlays/README"] = "x";
    EXPECT_EQ(find_boot_files(folder, pi4)->tree_changes.at(0).overlay, "new/overlays/a.dtbo");
    folder.files["config.txt"] = "os_prefix=new/\noverlay_prefix=mine/\ndtoverlay=a\n";
    EXPECT_EQ(find_boot_files(folder, pi4)->tree_changes.at(0).overlay, "mine/a.dtbo");
}

TEST(OsPrefix, needs_no_tree_for_a_board_that_is_not_a_pi) {
    MemoryFolder folder;
    folder.files["config.txt"] = "os_prefix=new/\n";
    folder.files["kernel8.img"] = folder.files["new/kernel8.img"] = "x";
    EXPECT_EQ(find_boot_files(folder, not_a_pi)->kernel, "new/kernel8.img");
}

TEST(UpstreamTrees, are_taken_if_config_txt_asks_for_them) {
    MemoryFolder folder;
    for (const char* name : {"kernel8.img", "bcm2710-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"})
        folder.files[name] = "x";
    folder.files["config.txt"] = "arm_64bit=1\n";
    EXPECT_EQ(find_boot_files(folder, pi3)->device_tree, "bcm2710-rpi-3-b.dtb");
    folder.files["config.txt"] += "upstream_kernel=1\n";
    EXPECT_EQ(find_boot_files(folder, pi3)->device_tree, "bcm2837-rpi-3-b.dtb");
}

}  // namespace
}  // namespace bootwire::bootfiles
