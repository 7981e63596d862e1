#include "bootfiles/boot_files.h"

#include <gtest/gtest.h>

#include "bootfiles/loader_entries.h"
#include "memory_folder.h"
#include "raspberry_pi_os.h"

namespace bootwire::bootfiles {
namespace {

const Board pi3_board{0xa02082, "00000000a0770042", 1};
const Board pi4_board{0xc03114, "10000000abcdef01", 1};
const Board pi5_board{0xd04170, "", 1};
const Board not_a_pi{std::nullopt, "", 1};

using Names = std::vector<std::string>;

TEST(FirmwareChoice, for_the_second_stepping_is_its_tree_or_its_overlay) {
    Board board = pi5_board;
    board.second_stepping = true;
    MemoryFolder folder = raspberry_pi_os();
    EXPECT_EQ(find_boot_files(folder, board)->device_tree, "bcm2712-rpi-5-b.dtb");
    folder.files["overlays/bcm2712d0.dtbo"] = "overlay";
    const auto by_overlay = find_boot_files(folder, board);
    ASSERT_TRUE(by_overlay);
    ASSERT_FALSE(by_overlay->tree_changes.empty());
    EXPECT_EQ(by_overlay->tree_changes.front().overlay, "overlays/bcm2712d0.dtbo");
    EXPECT_NE(find_boot_files(folder, pi5_board)->tree_changes, by_overlay->tree_changes);
    folder.files["bcm2712d0-rpi-5-b.dtb"] = "tree";
    const auto by_tree = find_boot_files(folder, board);
    EXPECT_EQ(by_tree->device_tree, "bcm2712d0-rpi-5-b.dtb");
    EXPECT_EQ(by_tree->tree_changes, find_boot_files(folder, pi5_board)->tree_changes);
    EXPECT_EQ(find_boot_files(folder, pi5_board)->device_tree, "bcm2712-rpi-5-b.dtb");
}

TEST(BootFiles, of_raspberry_pi_os_differ_by_board) {
    const auto pi3 = find_boot_files(raspberry_pi_os(), pi3_board);
    ASSERT_TRUE(pi3) << pi3.error().what;
    EXPECT_EQ(pi3->kernel, "kernel8.img");
    EXPECT_EQ(pi3->initramfs, Names{"initramfs8"});
    EXPECT_EQ(pi3->device_tree, "bcm2710-rpi-3-b.dtb");
    EXPECT_EQ(pi3->source, "config.txt");
    EXPECT_TRUE(pi3->by_firmware);
    EXPECT_TRUE(pi3->command_line.starts_with("console=serial0"));
    const std::vector<TreeChange> changes{{"", {"audio=on"}}, {"overlays/vc4-kms-v3d.dtbo", {}}};
    EXPECT_EQ(pi3->tree_changes, changes);

    const auto pi5 = find_boot_files(raspberry_pi_os(), pi5_board);
    ASSERT_TRUE(pi5) << pi5.error().what;
    EXPECT_EQ(pi5->kernel, "kernel_2712.img");
    EXPECT_EQ(pi5->initramfs, Names{"initramfs_2712"});
    EXPECT_EQ(pi5->device_tree, "bcm2712-rpi-5-b.dtb");
}

TEST(BootFiles, of_debians_own_image) {
    MemoryFolder folder;
    folder.files["config.txt"] =
        "# Do not modify this file!\n[all]\narm_64bit=1\nenable_uart=1\nupstream_kernel=1\n"
        "kernel=vmlinuz-6.12.48+deb13-arm64\n"
        "# For details on the initramfs directive, see\n"
        "initramfs initrd.img-6.12.48+deb13-arm64\n";
    folder.files["cmdline.txt"] = "console=tty0 root=LABEL=RASPIROOT rw fsck.repair=yes\n";
    for (const char* name : {"vmlinuz-6.12.48+deb13-arm64", "initrd.img-6.12.48+deb13-arm64",
                             "bcm2837-rpi-3-b.dtb", "bcm2711-rpi-4-b.dtb"}) {
        folder.files[name] = "x";
    }
    const auto files = find_boot_files(folder, pi3_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "vmlinuz-6.12.48+deb13-arm64");
    EXPECT_EQ(files->initramfs, Names{"initrd.img-6.12.48+deb13-arm64"});
    EXPECT_EQ(files->device_tree, "bcm2837-rpi-3-b.dtb") << "upstream_kernel=1 wants its names";
    EXPECT_TRUE(files->notes.empty()) << files->notes[0];
}

TEST(BootFiles, of_ubuntu_are_under_its_os_prefix) {
    MemoryFolder folder;
    folder.files["config.txt"] =
        "[all]\nos_prefix=current/\nkernel=vmlinuz\ncmdline=cmdline.txt\n"
        "initramfs initrd.img followkernel\n\n[pi4]\nmax_framebuffers=2\narm_boost=1\n\n[all]\n"
        "dtparam=audio=on\ndtoverlay=dwc2\n";
    for (const char* name :
         {"current/vmlinuz", "current/initrd.img", "current/bcm2711-rpi-4-b.dtb",
          "current/cmdline.txt", "current/overlays/README", "current/overlays/dwc2.dtbo"}) {
        folder.files[name] = std::string(name) + "\n";
    }
    auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "current/vmlinuz");
    EXPECT_EQ(files->initramfs, Names{"current/initrd.img"});
    EXPECT_EQ(files->device_tree, "current/bcm2711-rpi-4-b.dtb");
    EXPECT_EQ(files->command_line, "current/cmdline.txt\n");
    EXPECT_EQ(files->tree_changes.back().overlay, "current/overlays/dwc2.dtbo");

    folder.files.erase("current/bcm2711-rpi-4-b.dtb");
    folder.files["vmlinuz"] = folder.files["initrd.img"] = "x";
    files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "vmlinuz") << "a prefix without a tree is ignored";
}

TEST(BootFiles, a_kernel_that_is_not_there_is_named) {
    MemoryFolder folder;
    folder.files["config.txt"] = "kernel=mine.img\n";
    const auto missing = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().what.find("mine.img"), std::string::npos);
    folder.files["config.txt"] = "";
    const auto none = find_boot_files(folder, pi5_board);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().what.find("kernel_2712.img"), std::string::npos);
    EXPECT_FALSE(find_boot_files(MemoryFolder(), not_a_pi));
}

TEST(BootFiles, what_config_txt_has_that_is_no_setting_is_said_with_the_failure) {
    auto folder = raspberry_pi_os();
    folder.files["config.txt"] = "kernel mine.img\nkernel=typo.img\n";
    const auto missing = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().what.find("typo.img"), std::string::npos);
    EXPECT_NE(missing.error().hint.find("\"kernel mine.img\" is not a setting"), std::string::npos);
}

TEST(BootFiles, an_initramfs_or_tree_that_is_not_there_is_named) {
    MemoryFolder folder;
    folder.files["kernel8.img"] = "x";
    folder.files["config.txt"] = "initramfs a.gz,b.gz followkernel\n";
    folder.files["a.gz"] = "x";
    auto files = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().what.find("b.gz"), std::string::npos);
    folder.files["b.gz"] = "x";
    files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files);
    EXPECT_EQ(files->initramfs, (Names{"a.gz", "b.gz"}));
    folder.files["config.txt"] = "device_tree=mine.dtb\n";
    EXPECT_FALSE(find_boot_files(folder, pi4_board));
    folder.files["config.txt"] = "device_tree=\n";
    folder.files["bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(find_boot_files(folder, pi4_board)->device_tree, "");
}

TEST(BootFiles, a_32_bit_kernel_is_refused) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["kernel7l.img"] = folder.files["kernel7.img"] = "x";
    folder.files["config.txt"] = "arm_64bit=0\n";
    const auto asked = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(asked);
    EXPECT_NE(asked.error().what.find("kernel7l.img"), std::string::npos);
    EXPECT_NE(asked.error().what.find("32-bit"), std::string::npos);
    folder.files["config.txt"] = "";
    EXPECT_FALSE(find_boot_files(folder, pi3_board)) << "a Pi 3's default";
    EXPECT_TRUE(find_boot_files(folder, pi4_board)) << "not a Pi 4's";
    EXPECT_TRUE(find_boot_files(folder, pi5_board));
    folder.files["config.txt"] = "kernel=kernel7l.img\n";
    EXPECT_FALSE(find_boot_files(folder, pi4_board));
}

TEST(BootFiles, of_a_board_that_is_not_a_pi_come_without_a_tree) {
    const auto files = find_boot_files(raspberry_pi_os(), not_a_pi);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "kernel8.img");
    EXPECT_EQ(files->device_tree, "");
}

TEST(BootFiles, overlays_are_named_whether_or_not_they_are_there_unless_it_is_outside) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["config.txt"] = "dtoverlay=pi3-disable-bt\ndtoverlay=../../x,i2c=on\n";
    const auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files);
    const std::vector<TreeChange> changes{{"overlays/pi3-disable-bt.dtbo", {}}, {"", {"i2c=on"}}};
    EXPECT_EQ(files->tree_changes, changes) << "what its name stands for is the map's to say";
    ASSERT_EQ(files->notes.size(), 1u);
    EXPECT_NE(files->notes[0].find("../../x"), std::string::npos);
}

TEST(BootFiles, default_names_count_where_there_is_no_config_txt) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files.erase("config.txt");
    const auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files);
    EXPECT_EQ(files->source, "the firmware's default names");
}

constexpr char extlinux_conf[] =
    "## /boot/extlinux/extlinux.conf\nDEFAULT l0\nMENU TITLE U-Boot menu\nPROMPT 0\nTIMEOUT 50\n\n"
    "label l0r\n\tmenu label rescue\n\tlinux /vmlinuz-old\n\tappend single\n\n"
    "LABEL l0\n\tmenu label Debian 6.12\n\tLINUX /vmlinuz\n\tINITRD ../initrd.img\n"
    "\tfdt /dtbs/board.dtb\n\tfdtoverlays /a.dtbo /b.dtbo\n\tappend root=LABEL=x ro  quiet\n";

TEST(Extlinux, default_entry_is_taken) {
    MemoryFolder folder;
    folder.files["extlinux/extlinux.conf"] = extlinux_conf;
    for (const char* name : {"vmlinuz", "vmlinuz-old", "dtbs/board.dtb", "a.dtbo", "b.dtbo"})
        folder.files[name] = "x";
    EXPECT_FALSE(find_boot_files(folder, pi4_board)) << "there is no initrd.img beside the folder";
    folder.files["initrd.img"] = "x";
    EXPECT_EQ(find_boot_files(folder, pi4_board)->initramfs, Names{"initrd.img"});
    std::string& text = folder.files["extlinux/extlinux.conf"];
    text.replace(text.find("../initrd"), 3, "../../");
    EXPECT_FALSE(find_boot_files(folder, pi4_board)) << "paths do not lead out of the partition";
    text.replace(text.find("../../initrd"), 6, "");
    folder.files["extlinux/initrd.img"] = "x";
    auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "vmlinuz");
    EXPECT_EQ(files->initramfs, Names{"extlinux/initrd.img"});
    EXPECT_EQ(files->device_tree, "dtbs/board.dtb");
    EXPECT_EQ(files->tree_changes, (std::vector<TreeChange>{{"a.dtbo", {}}, {"b.dtbo", {}}}));
    EXPECT_EQ(files->command_line, "root=LABEL=x ro  quiet");
    EXPECT_EQ(files->source, "extlinux/extlinux.conf, entry l0");
    folder.files.erase("vmlinuz");
    files = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().what.find("vmlinuz"), std::string::npos);
}

TEST(Extlinux, default_entry_may_be_marked_inside_of_it) {
    MemoryFolder folder;
    folder.files["a"] = folder.files["b"] = folder.files["c"] = "x";
    const auto kernel = [&](const std::string& head) {
        folder.files["extlinux/extlinux.conf"] =
            head +
            "MENU TITLE default\nlabel a\n menu label default\n linux /a\nlabel b\n"
            "\tMENU  Default\n linux /b\nlabel c\n linux /c\n menu default\n";
        return find_boot_files(folder, pi4_board)->kernel;
    };
    EXPECT_EQ(kernel(""), "b") << "the first that is marked";
    EXPECT_EQ(kernel("default a\n"), "a");
    EXPECT_EQ(kernel("default nobody\n"), "b");
}

/// What u-boot-menu writes.
TEST(Extlinux, device_tree_is_the_boards_in_fdtdir) {
    MemoryFolder folder;
    folder.files["extlinux/extlinux.conf"] =
        "default l0\nlabel l0\n\tlinux /vmlinuz\n\tfdtdir /dtbs/6.12/\n\tappend root=/dev/sda2\n";
    folder.files["vmlinuz"] = "x";
    const auto tree = [&](const Board& board) {
        return find_boot_files(folder, board)->device_tree;
    };
    EXPECT_EQ(tree(pi3_board), "");
    const auto notes = find_boot_files(folder, pi3_board)->notes;
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find("/dtbs/6.12/"), std::string::npos);
    folder.files["dtbs/6.12/bcm2710-rpi-3-b.dtb"] = "x";
    EXPECT_EQ(tree(pi3_board), "dtbs/6.12/bcm2710-rpi-3-b.dtb");
    folder.files["dtbs/6.12/broadcom/bcm2837-rpi-3-b.dtb"] = "x";
    EXPECT_EQ(tree(pi3_board), "dtbs/6.12/broadcom/bcm2837-rpi-3-b.dtb") << "U-Boot's name for it";
    EXPECT_TRUE(find_boot_files(folder, pi3_board)->notes.empty());
    EXPECT_EQ(tree(not_a_pi), "");

    std::string& text = folder.files["extlinux/extlinux.conf"];
    text = "label l0\nlinux /vmlinuz\ndevicetreedir ./trees\n";
    folder.files["extlinux/trees/bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(tree(pi4_board), "extlinux/trees/bcm2711-rpi-4-b.dtb");
    text = "label l0\nlinux /vmlinuz\nfdtdir /\n";
    folder.files["bcm2711-rpi-4-b.dtb"] = folder.files["mine.dtb"] = "x";
    EXPECT_EQ(tree(pi4_board), "bcm2711-rpi-4-b.dtb");
    text += "fdt /mine.dtb\n";
    EXPECT_EQ(tree(pi4_board), "mine.dtb") << "fdt is more precise";
    text = "label l0\nlinux /vmlinuz\nfdtdir ../..\n";
    EXPECT_EQ(tree(pi4_board), "");
}

TEST(Extlinux, counts_where_config_txt_starts_a_boot_loader) {
    MemoryFolder folder;
    folder.files["config.txt"] = "arm_64bit=1\nkernel=u-boot.bin\n";
    folder.files["u-boot.bin"] = "x";
    const auto alone = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(alone);
    EXPECT_NE(alone.error().what.find("u-boot.bin"), std::string::npos);
    folder.files["extlinux/extlinux.conf"] = "label a\nlinux /vmlinuz\n";
    folder.files["vmlinuz"] = "x";
    const auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "vmlinuz");
    folder.files["extlinux/extlinux.conf"] = "default x\n";
    EXPECT_FALSE(find_boot_files(folder, pi4_board)) << "a menu without entries";
}

TEST(Extlinux, counts_for_u_boot_under_the_names_that_distributions_give_it) {
    MemoryFolder folder;
    folder.files["extlinux/extlinux.conf"] = "label a\nlinux /vmlinuz\n";
    folder.files["vmlinuz"] = "x";
    const auto kernel = [&](const std::string& named) {
        folder.files["config.txt"] = "kernel=" + named + "\n";
        folder.files[named] = "x";
        const auto files = find_boot_files(folder, pi4_board);
        return files ? files->kernel : files.error().what;
    };
    for (const char* name : {"u-boot-rpi4.bin", "uboot", "rpi-u-boot.bin", "rpi4-u-boot.bin",
                             "rpi3-u-boot.bin", "boot/rpi-u-boot.bin"}) {
        EXPECT_EQ(kernel(name), "vmlinuz") << name;
    }
    for (const char* name : {"u-boot/vmlinuz", "not-u-boot.img"})
        EXPECT_EQ(kernel(name), name);
}

constexpr char fedora_entry[] =
    "title Fedora Linux (%1) 42\nversion %1\nlinux /vmlinuz-%1\ninitrd /initramfs-%1.img\n"
    "options root=UUID=0b ro rootflags=subvol=root\noptions rhgb quiet\n"
    "grub_users $grub_users\n";

std::string fedora(const std::string& version) {
    std::string text = fedora_entry;
    for (size_t at; (at = text.find("%1")) != text.npos;)
        text.replace(at, 2, version);
    return text;
}

TEST(LoaderEntries, newest_version_comes_first) {
    MemoryFolder folder;
    for (const char* version :
         {"6.9.10-1.fc42.aarch64", "6.12.9-1.fc42.aarch64", "6.12.10-1.fc42.aarch64"}) {
        folder.files[std::string("loader/entries/abc-") + version + ".conf"] = fedora(version);
        folder.files[std::string("vmlinuz-") + version] = "x";
        folder.files[std::string("initramfs-") + version + ".img"] = "x";
    }
    auto files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->kernel, "vmlinuz-6.12.10-1.fc42.aarch64");
    EXPECT_EQ(files->command_line, "root=UUID=0b ro rootflags=subvol=root rhgb quiet");
    folder.files.erase("vmlinuz-6.12.10-1.fc42.aarch64");
    files = find_boot_files(folder, pi4_board);
    ASSERT_TRUE(files);
    EXPECT_EQ(files->kernel, "vmlinuz-6.12.9-1.fc42.aarch64") << "the next one that is complete";
}

TEST(LoaderEntries, others_architectures_and_used_up_tries_come_last_or_not_at_all) {
    MemoryFolder folder;
    folder.files["a"] = folder.files["b"] = "x";
    folder.files["loader/entries/z.conf"] = "linux /a\narchitecture x64\n";
    const auto none = find_boot_files(folder, pi4_board);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().what.find("loader/entries"), std::string::npos);
    folder.files["loader/entries/y+0-3.conf"] = "linux /a\narchitecture aa64\n";
    EXPECT_EQ(find_boot_files(folder, pi4_board)->kernel, "a");
    folder.files["loader/entries/x+2-1.conf"] = "linux /b\n";
    EXPECT_EQ(find_boot_files(folder, pi4_board)->kernel, "b");
    folder.files["loader/entries/s.conf"] = "linux /a\nsort-key debian\nversion 1\n";
    EXPECT_EQ(find_boot_files(folder, pi4_board)->kernel, "a") << "a sort key comes first";
}

TEST(LoaderEntries, default_of_loader_conf_comes_first) {
    MemoryFolder folder;
    for (const std::string name : {"deb-6.1", "deb-6.12+2-1", "sID-6.6", "deb-6.9"}) {
        folder.files["loader/entries/" + name + ".conf"] = "linux /" + name + "\n";
        folder.files[name] = "x";
    }
    const auto kernel = [&](const std::string& menu) {
        folder.files["loader/loader.conf"] = "# default deb-6.1\ntimeout 3\n" + menu + "\n";
        return find_boot_files(folder, pi4_board)->kernel;
    };
    EXPECT_EQ(kernel(""), "sID-6.6");
    EXPECT_EQ(kernel("default deb-6.1.conf"), "deb-6.1");
    EXPECT_EQ(kernel("default deb-6.1"), "deb-6.1");
    EXPECT_EQ(kernel("default DEB-*"), "deb-6.12+2-1") << "the newest, without what is counted";
    EXPECT_EQ(kernel("default deb-6.1[02].conf"), "deb-6.12+2-1");
    EXPECT_EQ(kernel("default deb-6.?"), "deb-6.9");
    EXPECT_EQ(kernel("default sid-6.6\ndefault deb-6.1"), "deb-6.1") << "the later line";
    EXPECT_TRUE(find_boot_files(folder, pi4_board)->notes.empty());
    for (const std::string& useless :
         Names{"@saved", "gone-*", "deb-6.[", "", std::string(300, '*')}) {
        EXPECT_EQ(kernel("default " + useless), "sID-6.6") << useless;
    }
    EXPECT_EQ(kernel("default sid-6.6"), "sID-6.6");
    EXPECT_EQ(kernel("default deb-6.1\ndefault @saved\ndefault"), "deb-6.1");
    folder.files.erase("deb-6.1");
    const auto other = find_boot_files(folder, pi4_board);
    EXPECT_EQ(other->kernel, "sID-6.6") << "its kernel is gone";
    ASSERT_EQ(other->notes.size(), 1u);
    EXPECT_NE(other->notes[0].find("deb-6.1"), std::string::npos);
}

TEST(Versions, are_ordered_as_the_specification_says) {
    const char* const ordered[] = {"122.1",  "123~rc1-1", "123",     "123-a",   "123-a.1",
                                   "123-a1", "123-a1.1",  "123-3",   "123-3.1", "123^patch1",
                                   "123^1",  "123.a-1",   "123.1-1", "123a-1",  "124-1"};
    for (size_t i = 0; i < std::size(ordered); ++i) {
        for (size_t j = 0; j < std::size(ordered); ++j) {
            EXPECT_EQ(compare_versions(ordered[i], ordered[j]) < 0, i < j)
                << ordered[i] << " and " << ordered[j];
        }
    }
    EXPECT_TRUE(compare_versions("6.12.10", "6.12.9") > 0);
    EXPECT_TRUE(compare_versions("1.007", "1.7") == 0);
}

TEST(CleanPath, does_not_leave_the_partition) {
    EXPECT_EQ(clean_path("/a//./b"), "a/b");
    EXPECT_EQ(clean_path("a/../b"), "");
    EXPECT_EQ(clean_path(std::string(2000, 'a')), "");
}

}  // namespace
}  // namespace bootwire::bootfiles
