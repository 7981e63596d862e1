#include "init/initramfs_stage.h"

#include <gtest/gtest.h>

#include "topics/topic.h"

namespace bootwire::init {
namespace {

RootDisk disk_with_initramfs() {
    RootDisk root;
    bootfiles::BootFiles files;
    files.initramfs = {"initrd.img"};
    root.boot_files = files;
    return root;
}

TEST(InitramfsStage, helps_with_an_overlay_and_with_a_root_that_was_a_guess) {
    using enum plan::InitramfsUse;
    const Error overlay = about(Topic::overlay_wanted, fail("an overlay")).error();
    const Error no_init = about(Topic::no_init, fail("no init")).error();
    const Error other = about(Topic::cannot_mount, fail("broken")).error();
    RootDisk root = disk_with_initramfs();
    EXPECT_TRUE(initramfs_may_help(overlay, root, automatic));
    EXPECT_TRUE(initramfs_may_help(no_init, root, automatic));
    EXPECT_FALSE(initramfs_may_help(other, root, automatic));
    EXPECT_FALSE(initramfs_may_help(overlay, root, never));
    EXPECT_FALSE(initramfs_may_help(overlay, RootDisk(), automatic)) << "there is none";

    root.command_line.root = "PARTUUID=1234";
    EXPECT_FALSE(initramfs_may_help(no_init, root, automatic)) << "the disk says so";
    EXPECT_TRUE(initramfs_may_help(overlay, root, automatic));
    root.choice.warnings.emplace_back("that is not on the disk");
    EXPECT_TRUE(initramfs_may_help(no_init, root, automatic));
}

}  // namespace
}  // namespace bootwire::init
