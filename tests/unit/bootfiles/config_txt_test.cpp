#include "bootfiles/config_txt.h"

#include <gtest/gtest.h>

#include "memory_folder.h"

namespace bootwire::bootfiles {
namespace {

const Board pi3{0xa02082, "00000000a0770042", 1};
const Board pi3_plus{0xa020d3, "", 1};
const Board pi4{0xc03114, "10000000abcdef01", 1};
const Board pi400{0xc03130, "", 1};
const Board cm4{0xb03140, "", 1};
const Board pi5{0xd04170, "", 1};
const Board zero2{0x902120, "", 1};
const Board not_a_pi{std::nullopt, "", 1};

std::string kernel(std::string_view text, const Board& board) {
    return parse_config_txt(text, MemoryFolder(), board).value("kernel");
}

TEST(ConfigTxt, filters_by_model) {
    const char text[] =
        "kernel=any\n[pi3]\nkernel=three\n[pi3+]\nkernel=plus\n[pi4]\nkernel=four\n[pi400]\n"
        "kernel=keyboard\n[cm4]\nkernel=module\n[pi5]\nkernel=five\n[pi02]\nkernel=zero2\n";
    EXPECT_EQ(kernel(text, pi3), "three");
    EXPECT_EQ(kernel(text, pi3_plus), "plus");
    EXPECT_EQ(kernel(text, pi4), "four");
    EXPECT_EQ(kernel(text, pi400), "keyboard");
    EXPECT_EQ(kernel(text, cm4), "module");
    EXPECT_EQ(kernel(text, pi5), "five");
    EXPECT_EQ(kernel(text, zero2), "zero2");
    EXPECT_EQ(kernel(text, not_a_pi), "any");
}

TEST(ConfigTxt, filters_of_one_kind_replace_each_other_and_those_of_several_must_all_hold) {
    EXPECT_EQ(kernel("[pi4]\n[pi3]\nkernel=b", pi3), "b");
    EXPECT_EQ(kernel("[0xa0770042]\nkernel=b", pi3), "b");
    EXPECT_EQ(kernel("[0xa0770043]\nkernel=b", pi3), "");
    EXPECT_EQ(kernel("[pi4]\n[0xa0770042]\nkernel=b", pi3), "");
    EXPECT_EQ(kernel("[none]\n[pi3]\nkernel=b", pi3), "");
    EXPECT_EQ(kernel("[none]\nkernel=a\n[all]\nkernel=b", pi3), "b");
}

TEST(ConfigTxt, filters_by_board_type_and_partition) {
    EXPECT_EQ(kernel("[board-type=0x11]\nkernel=b", pi4), "b");
    EXPECT_EQ(kernel("[board-type=0x11]\nkernel=b", pi3), "");
    EXPECT_EQ(kernel("[boot_partition=1]\nkernel=b", pi4), "b");
    EXPECT_EQ(kernel("[boot_partition=2]\nkernel=b", pi4), "");
}

TEST(ConfigTxt, skips_what_nobody_here_can_tell_until_all) {
    const auto config = parse_config_txt("[gpio4=1]\nkernel=a\n[all]\ninitramfs i followkernel",
                                         MemoryFolder(), pi4);
    EXPECT_EQ(config.value("kernel"), "");
    EXPECT_EQ(config.initramfs, std::vector<std::string>{"i"});
    ASSERT_EQ(config.notes.size(), 1u);
    EXPECT_NE(config.notes[0].find("gpio4=1"), std::string::npos);
    EXPECT_EQ(kernel("[tryboot]\nkernel=a", pi4), "");
    EXPECT_EQ(kernel("[HDMI:1]\nkernel=a", pi4), "a");
}

TEST(ConfigTxt, takes_model_filters_in_any_case_as_piCore_writes_them) {
    EXPECT_EQ(kernel("[PI3]\r\nkernel=a\r\n[ALL]\r\n", pi3), "a");
}

TEST(ConfigTxt, knows_overlays_and_the_parameters_that_follow_them) {
    const auto config = parse_config_txt(
        "dtparam=audio=on\ndtoverlay=vc4-kms-v3d,cma-256\ndtparam=a=1,b=2\ndtoverlay=\n"
        "dtparam=spi=on\ndtoverlay=w1-gpio:gpiopin=4\n",
        MemoryFolder(), pi4);
    const std::vector<TreeChange> expected{{"", {"audio=on"}},
                                           {"vc4-kms-v3d", {"cma-256", "a=1", "b=2"}},
                                           {"", {"spi=on"}},
                                           {"w1-gpio", {"gpiopin=4"}}};
    EXPECT_EQ(config.tree, expected);
}

TEST(ConfigTxt, includes_other_files_under_the_filters_that_hold) {
    MemoryFolder folder;
    folder.files["usercfg.txt"] = "kernel=b\n[none]\n";
    folder.files["loop.txt"] = "include loop.txt\nkernel=c\n";
    const auto read = [&](std::string_view text) { return parse_config_txt(text, folder, pi4); };
    EXPECT_EQ(read("kernel=a\ninclude usercfg.txt\nkernel=z").value("kernel"), "b");
    EXPECT_EQ(read("[pi3]\ninclude usercfg.txt").value("kernel"), "");
    EXPECT_EQ(read("include loop.txt").value("kernel"), "c");
    EXPECT_EQ(read("include ../../etc/passwd").notes.size(), 1u);
}

TEST(ConfigTxt, reads_98_characters_of_a_line) {
    const std::string name(100, 'k');
    const auto config = parse_config_txt("kernel=" + name, MemoryFolder(), pi4);
    EXPECT_EQ(config.value("kernel"), name.substr(0, 98 - 7));
    EXPECT_EQ(config.notes.size(), 1u);
}

TEST(ConfigTxt, notes_what_is_no_setting_and_ignores_comments) {
    const auto config =
        parse_config_txt("\xef\xbb\xbf# kernel=a\n\nnonsense\nkernel=b\n", MemoryFolder(), pi4);
    EXPECT_EQ(config.value("kernel"), "b");
    EXPECT_EQ(config.notes.size(), 1u);
}

TEST(ConfigTxt, is_bounded) {
    std::string text;
    for (int i = 0; i < 10'000; ++i)
        text += "x\n";
    text += "kernel=a\n";
    const auto config = parse_config_txt(text, MemoryFolder(), pi4);
    EXPECT_EQ(config.value("kernel"), "");
    EXPECT_LE(config.notes.size(), 20u);
}

}  // namespace
}  // namespace bootwire::bootfiles
