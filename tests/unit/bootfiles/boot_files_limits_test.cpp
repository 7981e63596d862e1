// Which files are started where something is missing, too long or too much, each way for itself.
#include <gtest/gtest.h>

#include "bootfiles/boot_files.h"
#include "bootfiles/extlinux.h"
#include "bootfiles/keyword_lines.h"
#include "bootfiles/loader_entries.h"
#include "memory_folder.h"
#include "raspberry_pi_os.h"

namespace bootwire::bootfiles {
namespace {

const Board pi3{0xa02082, "", 1};
const Board pi4{0xc03114, "", 1};
const Board pi5{0xd04170, "", 1};

using Names = std::vector<std::string>;

std::string what_is_wrong(const Result<BootFiles>& files) {
    return files ? "nothing: " + files->kernel : files.error().what;
}

TEST(CleanPaths, have_up_to_1024_bytes_and_no_nul) {
    EXPECT_EQ(clean_path(std::string(1024, 'a')).size(), 1024u);
    EXPECT_EQ(clean_path(std::string(1025, 'a')), "");
    EXPECT_EQ(clean_path(std::string_view("a\0b", 3)), "");
    EXPECT_EQ(clean_path("a/.."), "");
    EXPECT_EQ(clean_path("..."), "...");
}

TEST(KeywordLines, are_so_many_and_end_at_a_nul) {
    const auto lines = keyword_lines("# c\n\nlinux\t /a  b \n alone\nlater x", 4);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].keyword, "linux");
    EXPECT_EQ(lines[0].value, "/a  b");
    EXPECT_EQ(lines[1].keyword, "alone");
    EXPECT_EQ(lines[1].value, "");
    EXPECT_EQ(keyword_lines("a b\nc d", 1).size(), 1u);
    EXPECT_EQ(keyword_lines(std::string_view("a b\0\nc d", 8), 9).size(), 1u);
}

TEST(BootFilesOfFirmware, are_an_error_where_config_txt_is_too_long) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["config.txt"] = std::string(largest_text, '#');
    EXPECT_TRUE(find_boot_files(folder, pi4));
    folder.files["config.txt"] += '#';
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi4)), "config.txt is too large");
}

TEST(BootFilesOfFirmware, say_that_there_is_nothing_at_all) {
    EXPECT_TRUE(what_is_wrong(find_boot_files(MemoryFolder(), pi4))
                    .starts_with("the boot partition names no kernel"));
}

TEST(BootFilesOfFirmware, have_three_notes_for_the_one_who_asks_why_not) {
    MemoryFolder folder;
    folder.files["config.txt"] = "one\ntwo\nthree\nfour\n";
    const auto files = find_boot_files(folder, pi4);
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().hint.find("\"three\""), std::string::npos);
    EXPECT_EQ(files.error().hint.find("\"four\""), std::string::npos);
}

TEST(BootFilesOfFirmware, have_the_initramfs_beside_the_kernel_and_of_its_name) {
    const auto initramfs = [](const std::string& kernel, const std::string& there,
                              const std::string& config = "auto_initramfs=1\n") {
        MemoryFolder folder;
        folder.files["config.txt"] = config + "kernel=" + kernel + "\n";
        folder.files[kernel] = folder.files[there] = "x";
        return find_boot_files(folder, pi4)->initramfs;
    };
    EXPECT_EQ(initramfs("kernel8.img", "initramfs8"), Names{"initramfs8"});
    EXPECT_EQ(initramfs("a/kernel_x.img", "a/initramfs_x"), Names{"a/initramfs_x"});
    EXPECT_EQ(initramfs("a/kernel8.img", "initramfs8"), Names{});
    EXPECT_EQ(initramfs("kernel8.gz", "initramfs"), Names{});
    EXPECT_EQ(initramfs("vmlinuz8.img", "initramfsz8"), Names{});
    EXPECT_EQ(initramfs("kernel8.img", "initramfs8", ""), Names{});
    EXPECT_EQ(initramfs("kernel8.img", "mine", "auto_initramfs=1\ninitramfs mine\n"),
              Names{"mine"});
}

TEST(BootFilesOfFirmware, that_are_named_and_missing_are_an_error_that_names_them) {
    MemoryFolder folder = raspberry_pi_os();
    const auto wrong = [&](const std::string& config) {
        folder.files["config.txt"] = config;
        return what_is_wrong(find_boot_files(folder, pi4));
    };
    EXPECT_EQ(wrong("kernel=a.img"),
              "config.txt names the kernel a.img, which is not on the boot partition");
    EXPECT_EQ(wrong("initramfs a"),
              "config.txt names the initramfs a, which is not on the boot partition");
    EXPECT_EQ(wrong("device_tree=a.dtb"),
              "config.txt names the device tree a.dtb, which is not on the boot partition");
    for (const char* kernel : {"kernel.img", "kernel7.img", "kernel7l.img"}) {
        folder.files[kernel] = "x";
        EXPECT_EQ(wrong("kernel=" + std::string(kernel)),
                  "config.txt asks for " + std::string(kernel) +
                      ", a 32-bit kernel, which cannot be started from here");
    }
}

TEST(BootFilesOfFirmware, for_32_bit_are_those_of_boards_that_can_and_only_if_they_are_there) {
    MemoryFolder folder;
    folder.files["config.txt"] = "arm_64bit=0";
    folder.files["kernel8.img"] = "x";
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi4)), "nothing: kernel8.img");
    folder.files["kernel7l.img"] = "x";
    EXPECT_NE(what_is_wrong(find_boot_files(folder, pi4)).find("kernel7l.img"), std::string::npos);
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi5)), "nothing: kernel8.img")
        << "a Pi 5 has no 32-bit kernel";
    folder.files.clear();
    folder.files["config.txt"] = "";
    EXPECT_NE(what_is_wrong(find_boot_files(folder, pi3)).find("kernel7.img"), std::string::npos)
        << "a Pi 3's default, whether it is there or not";
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi5)),
              "the boot partition has no kernel_2712.img kernel8.img, and config.txt names no "
              "other kernel");
}

TEST(SecondStepping, has_a_tree_under_either_name) {
    Board board = pi5;
    board.second_stepping = true;
    MemoryFolder folder = raspberry_pi_os();
    folder.files["overlays/bcm2712d0.dtbo"] = "x";
    folder.files["bcm2712-d-rpi-5-b.dtb"] = "x";
    const auto files = find_boot_files(folder, board);
    EXPECT_EQ(files->device_tree, "bcm2712-d-rpi-5-b.dtb");
    for (const TreeChange& change : files->tree_changes)
        EXPECT_NE(change.overlay, "overlays/bcm2712d0.dtbo");
}

TEST(CommandLineOfTheDisk, is_the_one_that_config_txt_names_if_it_can_be_read) {
    MemoryFolder folder = raspberry_pi_os();
    folder.files["config.txt"] = "cmdline=mine.txt";
    EXPECT_EQ(find_boot_files(folder, pi4)->command_line, "");
    EXPECT_EQ(find_boot_files(folder, pi4)->command_line_place, "");
    folder.files["mine.txt"] = std::string(largest_text, 'x');
    EXPECT_EQ(find_boot_files(folder, pi4)->command_line.size(), largest_text);
    EXPECT_EQ(find_boot_files(folder, pi4)->command_line_place, "mine.txt");
    folder.files["mine.txt"] += 'x';
    EXPECT_EQ(find_boot_files(folder, pi4)->command_line, "");
}

class ExtlinuxMenu : public testing::Test {
  protected:
    ExtlinuxMenu() {
        for (const char* name : {"vmlinuz", "e/vmlinuz", "e/initrd", "a.dtb", "a.dtbo"})
            folder.files[name] = "x";
    }
    Result<BootFiles> read(std::string_view text, const std::string& path = "e/extlinux.conf") {
        return read_extlinux(text, path, folder, pi4);
    }

    MemoryFolder folder;
};

TEST_F(ExtlinuxMenu, has_words_that_mean_the_same) {
    const auto of_u_boot = read(
        "label a\nkernel /vmlinuz\ninitrd initrd, ,/e/initrd\nfdt /a.dtb\nfdtoverlays /a.dtbo\n");
    const auto of_the_specification = read(
        "LABEL a\nLINUX /vmlinuz\nINITRD initrd,/e/initrd\nDEVICETREE /a.dtb\n"
        "DEVICETREE-OVERLAY /a.dtbo\n");
    for (const auto& files : {of_u_boot, of_the_specification}) {
        ASSERT_TRUE(files) << files.error().what;
        EXPECT_EQ(files->kernel, "vmlinuz");
        EXPECT_EQ(files->initramfs, (Names{"e/initrd", "e/initrd"}));
        EXPECT_EQ(files->device_tree, "a.dtb");
        ASSERT_EQ(files->tree_changes.size(), 1u);
        EXPECT_EQ(files->tree_changes[0].overlay, "a.dtbo");
    }
}

TEST_F(ExtlinuxMenu, names_are_relative_to_its_own_folder) {
    EXPECT_EQ(read("label a\nlinux vmlinuz")->kernel, "e/vmlinuz");
    EXPECT_EQ(read("label a\nlinux vmlinuz", "extlinux.conf")->kernel, "vmlinuz");
}

TEST_F(ExtlinuxMenu, names_each_file_that_is_missing) {
    EXPECT_EQ(what_is_wrong(read("label a\nlinux /b\n")),
              "e/extlinux.conf names the kernel /b, which is not on the boot partition");
    const std::string good = "label a\nlinux /vmlinuz\n";
    EXPECT_EQ(what_is_wrong(read(good + "initrd initrd,/b")),
              "e/extlinux.conf names the initramfs /b, which is not on the boot partition");
    EXPECT_EQ(what_is_wrong(read(good + "fdt /b")),
              "e/extlinux.conf names the device tree /b, which is not on the boot partition");
    EXPECT_EQ(what_is_wrong(read(good + "fdtoverlays /a.dtbo /b")),
              "e/extlinux.conf names the overlay /b, which is not on the boot partition");
    for (const char* text : {"", "label a\n", "linux /vmlinuz\n", "label a\nkernel\n"}) {
        EXPECT_EQ(what_is_wrong(read(text)), "e/extlinux.conf has no entry with a kernel") << text;
    }
}

TEST_F(ExtlinuxMenu, has_256_entries_and_4096_lines_at_most) {
    std::string text = "default z\n";
    for (int i = 1; i < 256; ++i)
        text += "label a" + std::to_string(i) + "\nlinux /b\n";
    EXPECT_EQ(what_is_wrong(read(text + "label z\nlinux /vmlinuz")), "nothing: vmlinuz");
    const auto one_more = read(text + "label b\nlinux /b\nlabel z\nlinux /vmlinuz");
    EXPECT_FALSE(one_more) << "the first entry then";
    const auto at_line = [&](size_t number) {
        return read("label a\n" + std::string(number - 2, '\n') + "linux /vmlinuz\n");
    };
    EXPECT_TRUE(at_line(4096));
    EXPECT_FALSE(at_line(4097));
}

TEST_F(ExtlinuxMenu, is_looked_for_in_two_places_and_an_error_if_it_is_too_long) {
    folder.files["boot/extlinux/extlinux.conf"] = "label a\nlinux /e/vmlinuz\n";
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi4)), "nothing: e/vmlinuz");
    std::string& text = folder.files["extlinux/extlinux.conf"];
    text = "label a\nlinux /vmlinuz\n";
    text.resize(largest_text, '\n');
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi4)), "nothing: vmlinuz");
    text += '\n';
    EXPECT_EQ(what_is_wrong(find_boot_files(folder, pi4)), "extlinux/extlinux.conf is too large");
}

class LoaderFiles : public testing::Test {
  protected:
    LoaderFiles() {
        for (const char* name : {"a", "b", "c"})
            folder.files[name] = "x";
    }
    void put(const std::string& name, const std::string& text) {
        folder.files["loader/entries/" + name] = text;
    }
    std::string kernel() const { return what_is_wrong(read_loader_entries(folder)); }

    MemoryFolder folder;
};

TEST_F(LoaderFiles, are_in_the_order_of_the_specification) {
    const struct {
        const char* why;
        std::string first, later;
    } cases[] = {
        {"a sort key", "sort-key z", ""},
        {"the sort key", "sort-key a", "sort-key b"},
        {"the machine", "sort-key a\nmachine-id 1", "sort-key a\nmachine-id 2"},
        {"the version", "sort-key a\nmachine-id 1\nversion 2",
         "sort-key a\nmachine-id 1\nversion 1"},
        {"the sort key before the machine", "sort-key a\nmachine-id 2", "sort-key b\nmachine-id 1"},
        {"the machine before the version", "sort-key a\nmachine-id 1\nversion 1",
         "sort-key a\nmachine-id 2\nversion 2"},
        {"the version counts with a sort key alone, else the name", "version 1", "version 2"}};
    for (const auto& [why, first, later] : cases) {
        const bool by_name = first.starts_with("version");
        for (const bool turned : {false, true}) {
            if (turned && by_name) continue;
            put("2.conf", "linux /" + std::string(turned ? "b\n" + later : "a\n" + first));
            put("1.conf", "linux /" + std::string(turned ? "a\n" + first : "b\n" + later));
            EXPECT_EQ(kernel(), "nothing: a") << why;
        }
    }
}

TEST_F(LoaderFiles, are_those_for_our_architecture_that_name_a_kernel) {
    for (const char* ours : {"", "architecture aa64", "architecture AA64"}) {
        put("1.conf", "linux /a\n" + std::string(ours));
        EXPECT_EQ(kernel(), "nothing: a") << ours;
    }
    for (const char* other : {"architecture x64", "efi /x", "uki /x", "uki-url http://x"}) {
        put("1.conf", "linux /a\n" + std::string(other));
        EXPECT_EQ(kernel(), "no file in loader/entries names a kernel for 64-bit ARM") << other;
    }
    put("1.conf", "options x");
    EXPECT_EQ(kernel(), "no file in loader/entries names a kernel for 64-bit ARM");
    folder.files.erase("loader/entries/1.conf");
    EXPECT_EQ(kernel(), "nothing: ") << "no entry at all is no error";
    put("1.txt", "linux /a");
    EXPECT_EQ(kernel(), "nothing: ");
}

TEST_F(LoaderFiles, name_each_file_that_is_missing) {
    for (const char* line : {"initrd /gone", "devicetree /gone", "devicetree-overlay /a /gone"}) {
        put("1.conf", "linux /a\n" + std::string(line));
        EXPECT_EQ(kernel(), "loader/entries/1.conf names gone, which is not on the boot partition");
    }
    put("1.conf", "linux /a\ninitrd /b\ninitrd /c\ndevicetree /b\ndevicetree-overlay /a /b\n");
    const auto files = read_loader_entries(folder);
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_EQ(files->initramfs, (Names{"b", "c"}));
    EXPECT_EQ(files->device_tree, "b");
    EXPECT_EQ(files->tree_changes, (std::vector<TreeChange>{{"a", {}}, {"b", {}}}));
    put("1.conf", "linux /../a");
    EXPECT_FALSE(read_loader_entries(folder));
}

TEST_F(LoaderFiles, of_which_no_try_is_left_come_last) {
    put("9+0.conf", "linux /a");
    put("1.conf", "linux /b");
    EXPECT_EQ(kernel(), "nothing: b");
    folder.files.erase("loader/entries/9+0.conf");
    for (const char* left : {"9+1.conf", "9+1-0.conf", "9+x.conf", "9+.conf"}) {
        put(left, "linux /a");
        EXPECT_EQ(kernel(), "nothing: a") << left;
        folder.files.erase("loader/entries/" + std::string(left));
    }
    put("+0.conf", "linux /a");
    put("1+0.conf", "linux /b");
    folder.files.erase("loader/entries/1.conf");
    EXPECT_EQ(kernel(), "nothing: a") << "a name is not its count alone";
}

TEST_F(LoaderFiles, are_read_within_bounds) {
    const auto at_line = [&](size_t number) {
        put("1.conf", std::string(number - 1, '\n') + "linux /a");
        return kernel() == "nothing: a";
    };
    EXPECT_TRUE(at_line(256));
    EXPECT_FALSE(at_line(257));
    put("1.conf", "linux /a\n");
    put("2.conf", "linux /b\n" + std::string(largest_text - 9, '\n'));
    EXPECT_EQ(kernel(), "nothing: b");
    put("2.conf", "linux /b\n" + std::string(largest_text - 8, '\n'));
    EXPECT_EQ(kernel(), "nothing: a");
    folder.files.erase("loader/entries/2.conf");
    put(std::string(250, '9') + ".conf", "linux /b");
    EXPECT_EQ(kernel(), "nothing: b");
    put(std::string(251, '9') + ".conf", "linux /c");
    EXPECT_EQ(kernel(), "nothing: b");
}

TEST_F(LoaderFiles, are_128_at_most) {
    for (int i = 100; i < 100 + 127; ++i)
        put(std::to_string(i) + ".conf", "linux /a");
    put("998.conf", "linux /b");
    EXPECT_EQ(kernel(), "nothing: b");
    put("999.conf", "linux /c");
    EXPECT_EQ(kernel(), "nothing: b") << "the folder gives them in the order of their names";
}

TEST_F(LoaderFiles, are_preferred_by_patterns_of_up_to_255_characters) {
    put("2.conf", "linux /b");
    put("1.conf", "linux /a");
    const auto preferred = [&](size_t length) {
        folder.files["loader/loader.conf"] = "default [" + std::string(length - 2, '1') + "]";
        return kernel() == "nothing: a";
    };
    EXPECT_TRUE(preferred(255));
    EXPECT_FALSE(preferred(256));
}

TEST(VersionOrder, goes_by_the_first_256_characters) {
    const std::string same(255, '1');
    EXPECT_TRUE(compare_versions(same + "1", same + "2") < 0);
    EXPECT_TRUE(compare_versions(same + "11", same + "12") == 0);
    EXPECT_TRUE(compare_versions("a_1", "a1") == 0) << "what is no part of a version";
    EXPECT_TRUE(compare_versions("1.a", "1.1") < 0);
    EXPECT_TRUE(compare_versions("b", "a") > 0);
}

}  // namespace
}  // namespace bootwire::bootfiles
