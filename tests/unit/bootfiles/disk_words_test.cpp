#include <gtest/gtest.h>

#include "bootfiles/boot_files.h"
#include "memory_folder.h"
#include "raspberry_pi_os.h"

namespace bootwire::bootfiles {
namespace {

const Board pi3_board{0xa02082, "00000000a0770042", 1};
const Board pi4_board{0xc03114, "10000000abcdef01", 1};
const Board not_a_pi{std::nullopt, "", 1};

TEST(DiskWords, are_those_of_cmdline_txt_whatever_else_is_missing) {
    MemoryFolder folder;
    EXPECT_EQ(find_words(folder, pi4_board).place, "");
    folder.files["cmdline.txt"] = "root=/dev/mmcblk0p2\n";
    EXPECT_EQ(find_words(folder, pi4_board).text, "root=/dev/mmcblk0p2\n");
    EXPECT_EQ(find_words(folder, pi4_board).place, "cmdline.txt");
    folder.files["config.txt"] = "arm_64bit=0\nkernel=gone.img\ninitramfs gone followkernel\n";
    EXPECT_EQ(find_words(folder, pi4_board).place, "cmdline.txt");
    EXPECT_TRUE(find_words(folder, pi4_board).notes.empty());
}

TEST(DiskWords, are_in_the_file_that_config_txt_names_for_the_board) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["config.txt"] = "[pi3]\ncmdline=three.txt\n[pi4]\ncmdline=four.txt\n";
    folder.files["three.txt"] = "root=/dev/sda3";
    folder.files["four.txt"] = "root=/dev/sda4";
    EXPECT_EQ(find_words(folder, pi3_board).place, "three.txt");
    EXPECT_EQ(find_words(folder, pi4_board).text, "root=/dev/sda4");
    EXPECT_EQ(find_words(folder, not_a_pi).place, "cmdline.txt");
}

/// Ubuntu's, from 25.10 on.
TEST(DiskWords, are_under_os_prefix_but_not_under_that_of_tryboot) {
    MemoryFolder folder;
    folder.files["config.txt"] =
        "[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\nos_prefix=current/\n"
        "[tryboot]\nos_prefix=new/\n[all]\narm_64bit=1\n";
    folder.files["current/cmdline.txt"] = "root=/dev/sda3";
    folder.files["new/cmdline.txt"] = "root=/dev/sda4";
    folder.files["cmdline.txt"] = "root=/dev/sda2";
    for (const Board& board : {pi4_board, not_a_pi}) {
        EXPECT_EQ(find_words(folder, board).place, "current/cmdline.txt")
            << "without any kernel on the disk, too";
    }
    folder.files["current/vmlinuz"] = folder.files["current/bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(find_words(folder, pi4_board).text, "root=/dev/sda3");
    EXPECT_TRUE(has_tryboot(folder, pi4_board));
}

TEST(DiskWords, are_not_under_a_prefix_that_the_firmware_would_leave_out) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["config.txt"] = "os_prefix=half/\n";
    folder.files["half/kernel8.img"] = "x";
    folder.files["half/cmdline.txt"] = "root=/dev/sda3";
    const auto words = find_words(folder, pi4_board);
    EXPECT_EQ(words.place, "cmdline.txt") << "there is no device tree";
    ASSERT_EQ(words.notes.size(), 1u);
    EXPECT_TRUE(words.notes[0].contains("os_prefix=half/")) << words.notes[0];
    folder.files["half/bcm2711-rpi-4-b.dtb"] = "x";
    EXPECT_EQ(find_words(folder, pi4_board).place, "half/cmdline.txt");

    folder = raspberry_pi_os();
    folder.files["config.txt"] = "upstream_kernel=1\nkernel=gone.img\n";
    EXPECT_EQ(find_words(folder, pi4_board).place, "cmdline.txt") << "a prefix nobody named";
}

TEST(DiskWords, are_under_the_prefix_of_a_32_bit_kernel_as_well) {
    MemoryFolder folder;
    folder.files["config.txt"] = "os_prefix=a/\n";
    folder.files["kernel7l.img"] = folder.files["a/kernel7l.img"] = "x";
    folder.files["a/bcm2711-rpi-4-b.dtb"] = "x";
    folder.files["a/cmdline.txt"] = "ro";
    EXPECT_EQ(find_words(folder, pi4_board).place, "a/cmdline.txt");
}

TEST(DiskWords, are_the_boot_loaders_where_the_firmware_starts_one) {
    MemoryFolder folder;
    folder.files["config.txt"] = "kernel=rpi-u-boot.bin\n";
    folder.files["cmdline.txt"] = "root=/dev/sda2";
    auto words = find_words(folder, pi4_board);
    EXPECT_EQ(words.place, "cmdline.txt");
    EXPECT_TRUE(words.loader_elsewhere);
    folder.files["extlinux/extlinux.conf"] =
        "default b\nlabel a\n linux /gone\n append root=/dev/sda3\nlabel b\n linux /gone\n "
        "append root=/dev/sda4\n";
    words = find_words(folder, pi4_board);
    EXPECT_EQ(words.text, "root=/dev/sda4") << "its kernel need not be there";
    EXPECT_EQ(words.place, "extlinux/extlinux.conf, entry b");
    EXPECT_FALSE(words.loader_elsewhere);
    folder.files["config.txt"] = "";
    EXPECT_EQ(find_words(folder, pi4_board).place, "cmdline.txt");
    folder.files.erase("cmdline.txt");
    EXPECT_EQ(find_words(folder, pi4_board).text, "root=/dev/sda4");
}

/// What Fedora has on its ext4 /boot.
TEST(LoaderWords, are_those_of_the_entry_that_would_be_started) {
    MemoryFolder folder;
    EXPECT_FALSE(find_loader_words(folder, pi4_board));
    folder.files["loader/entries/x-6.9.conf"] =
        "version 6.9\nlinux /vmlinuz-6.9\noptions root=UUID=0b ro old\n";
    folder.files["loader/entries/x-6.12.conf"] =
        "version 6.12\nlinux /vmlinuz-6.12\noptions root=UUID=0b ro rootflags=subvol=root "
        "$tuned_params quiet\n";
    auto words = find_loader_words(folder, pi4_board);
    ASSERT_TRUE(words);
    EXPECT_EQ(words->text, "root=UUID=0b ro rootflags=subvol=root quiet");
    EXPECT_EQ(words->place, "loader/entries/x-6.12.conf");
    folder.files["vmlinuz-6.9"] = "x";
    EXPECT_EQ(find_loader_words(folder, pi4_board)->place, "loader/entries/x-6.9.conf")
        << "the other one's kernel is gone";
}

TEST(LoaderWords, are_found_below_boot_as_well) {
    MemoryFolder folder;
    folder.files["boot/loader/entries/a.conf"] = "linux /boot/vmlinuz\noptions root=UUID=1\n";
    EXPECT_EQ(find_loader_words(folder, pi4_board)->place, "boot/loader/entries/a.conf");
    folder.files["boot/vmlinuz"] = "x";
    EXPECT_EQ(find_loader_files(folder, pi4_board)->kernel, "boot/vmlinuz");
    folder.files["boot/extlinux/extlinux.conf"] =
        "LABEL nixos-default\n LINUX ../nixos/abc-Image\n INITRD ../nixos/abc-initrd\n"
        " APPEND init=/nix/store/abc/init loglevel=4\n";
    EXPECT_EQ(find_loader_words(folder, pi4_board)->text, "init=/nix/store/abc/init loglevel=4");
    folder.files["boot/nixos/abc-Image"] = folder.files["boot/nixos/abc-initrd"] = "x";
    EXPECT_EQ(find_loader_files(folder, pi4_board)->kernel, "boot/nixos/abc-Image");
}

TEST(Autoboot, names_the_partition_to_boot_from) {
    MemoryFolder folder;
    EXPECT_FALSE(read_autoboot(folder, pi4_board).partition);
    folder.files["autoboot.txt"] =
        "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n";
    EXPECT_EQ(read_autoboot(folder, pi4_board).partition, 2u);
    EXPECT_TRUE(read_autoboot(folder, pi4_board).has_tryboot);
    folder.files["autoboot.txt"] = "boot_partition=2\n";
    EXPECT_FALSE(read_autoboot(folder, pi4_board).has_tryboot);
    for (const char* nothing : {"", "boot_partition=0\n", "boot_partition=x\n",
                                "[none]\nboot_partition=2\n", "boot_partition\n"}) {
        folder.files["autoboot.txt"] = nothing;
        EXPECT_FALSE(read_autoboot(folder, pi4_board).partition) << nothing;
    }
    folder.files["autoboot.txt"] = std::string(512, '\n') + "boot_partition=2\n";
    EXPECT_FALSE(read_autoboot(folder, pi4_board).partition) << "the firmware reads 512 bytes";
}

TEST(Tryboot, is_known_by_its_section_or_its_own_file) {
    MemoryFolder folder = raspberry_pi_os();
    EXPECT_FALSE(has_tryboot(folder, pi4_board));
    folder.files["tryboot.txt"] = "";
    EXPECT_TRUE(has_tryboot(folder, pi4_board));
    folder.files.erase("tryboot.txt");
    folder.files["config.txt"] += "[tryboot]\n";
    EXPECT_TRUE(has_tryboot(folder, pi4_board));
}

}  // namespace
}  // namespace bootwire::bootfiles
