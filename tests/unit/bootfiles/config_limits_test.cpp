// Where config.txt's rules begin and end, and what each code of a board stands for.
#include <gtest/gtest.h>

#include "bootfiles/board_type.h"
#include "bootfiles/config_txt.h"
#include "memory_folder.h"

namespace bootwire::bootfiles {
namespace {

const Board pi4{0xc03114, "10000000abcdef01", 1};
const Board pi5{0xd04170, "", 1};
const Board not_a_pi{std::nullopt, "", 1};

ConfigTxt parsed(std::string_view text, const Board& board = pi4) {
    return parse_config_txt(text, MemoryFolder(), board);
}

std::string kernel(std::string_view text, const Board& board = pi4) {
    return parsed(text, board).value("kernel");
}

/// raspberrypi.com/documentation: "Raspberry Pi revision codes", and the filters of config.txt.
TEST(BoardType, is_the_one_of_the_revision_code) {
    const struct {
        uint32_t revision;
        const char* filter;
        bool default_64bit;
        const char* tree;
    } boards[] = {{0xa02082, "pi3", false, "bcm2710-rpi-3-b"},
                  {0xa220a0, "cm3", false, "bcm2710-rpi-cm3"},
                  {0xa020d3, "pi3+", false, "bcm2710-rpi-3-b-plus"},
                  {0x9020e0, "pi3+", false, "bcm2710-rpi-3-a-plus"},
                  {0xa02100, "cm3+", false, "bcm2710-rpi-cm3"},
                  {0xc03114, "pi4", true, "bcm2711-rpi-4-b"},
                  {0x902120, "pi02", false, "bcm2710-rpi-zero-2-w"},
                  {0xc03130, "pi400", true, "bcm2711-rpi-400"},
                  {0xb03140, "cm4", true, "bcm2711-rpi-cm4"},
                  {0xb03150, "cm4s", true, "bcm2711-rpi-cm4s"},
                  {0xd04170, "pi5", true, "bcm2712-rpi-5-b"},
                  {0xd04180, "cm5", true, "bcm2712-rpi-cm5-cm5io"},
                  {0xd04190, "pi500", true, "bcm2712-rpi-500"},
                  {0xd041a0, "cm5", true, "bcm2712-rpi-cm5l-cm5io"}};
    for (const auto& [revision, filter, default_64bit, tree] : boards) {
        const BoardType* type = board_type(revision);
        ASSERT_NE(type, nullptr) << revision;
        EXPECT_EQ(type->default_64bit, default_64bit) << revision;
        EXPECT_TRUE(type->trees.starts_with(tree)) << revision;
        const std::string text = "[" + std::string(filter) + "]\nkernel=ours";
        EXPECT_EQ(kernel(text, {revision, "", 1}), "ours") << revision;
        EXPECT_EQ(kernel(text, not_a_pi), "") << revision;
    }
}

TEST(BoardType, is_none_for_codes_of_old_and_for_models_that_nobody_knows) {
    EXPECT_EQ(board_type(std::nullopt), nullptr);
    EXPECT_EQ(board_type(0x0010), nullptr) << "of old: a Pi 1";
    EXPECT_EQ(board_type(0xc03114 & ~(1U << 23)), nullptr);
    EXPECT_EQ(board_type(0xc03ff4), nullptr);
}

TEST(ConfigFilter, of_a_model_that_is_not_ours_does_not_hold_and_is_no_mistake) {
    for (const char* model : {"pi1", "pi2", "cm0", "cm1", "pi0", "pi0w", "cm4s"}) {
        const auto config = parsed("[" + std::string(model) + "]\nkernel=a");
        EXPECT_EQ(config.value("kernel"), "") << model;
        EXPECT_TRUE(config.notes.empty()) << model;
    }
    EXPECT_EQ(parsed("[pi9]\nkernel=a").notes.size(), 1u);
}

TEST(ConfigFilter, has_numbers_of_both_kinds) {
    EXPECT_EQ(kernel("[board-type=17]\nkernel=a"), "a");
    EXPECT_EQ(kernel("[board-type=0x11]\nkernel=a", not_a_pi), "");
    for (const char* name : {"boot_partition", "partition"}) {
        const std::string filter = "[" + std::string(name);
        EXPECT_EQ(kernel(filter + "=1]\nkernel=a"), "a");
        EXPECT_EQ(kernel(filter + "=0x1]\nkernel=a"), "a");
        EXPECT_EQ(kernel(filter + "=2]\nkernel=a"), "");
        EXPECT_EQ(kernel(filter + "=x]\nkernel=a"), "");
        EXPECT_EQ(kernel(filter + "=]\nkernel=a", {0xc03114, "", 0}), "");
    }
}

TEST(ConfigFilter, of_a_serial_number_has_its_lower_32_bits) {
    const auto holds = [](const std::string& filter, const std::string& serial) {
        return kernel("[0x" + filter + "]\nkernel=a", {0xc03114, serial, 1}) == "a";
    };
    EXPECT_TRUE(holds("abcdef01", "10000000abcdef01"));
    EXPECT_TRUE(holds("10000000ABCDEF01", "abcdef01"));
    EXPECT_TRUE(holds("abcdef01", "1abcdef01"));
    EXPECT_TRUE(holds("1", "00000001"));
    EXPECT_FALSE(holds("abcdef02", "10000000abcdef01"));
    EXPECT_FALSE(holds("abcdef01", ""));
    EXPECT_FALSE(holds("xyz", "")) << "what is no number is not that of a board without one";
}

TEST(ConfigFilter, that_is_not_closed_is_none) {
    const auto config = parsed("[pi3\nkernel=a");
    EXPECT_EQ(config.value("kernel"), "a");
    EXPECT_EQ(config.notes.size(), 1u);
}

TEST(ConfigLine, is_read_whole_up_to_98_characters) {
    const std::string line = "kernel=" + std::string(98 - 7, 'k');
    EXPECT_EQ("kernel=" + kernel(line), line);
    EXPECT_TRUE(parsed(line).notes.empty());
    EXPECT_EQ("kernel=" + kernel(line + "k"), line);
    EXPECT_EQ(parsed(line + "k").notes.size(), 1u);
}

TEST(ConfigText, has_4096_lines_and_20_notes_at_most) {
    const auto at_line = [](size_t number) {
        std::string text;
        for (size_t i = 1; i < number; ++i)
            text += "#\n";
        return parsed(text + "kernel=a\nkernel=b");
    };
    EXPECT_EQ(at_line(4095).value("kernel"), "b");
    EXPECT_TRUE(at_line(4095).notes.empty());
    EXPECT_EQ(at_line(4096).value("kernel"), "a");
    EXPECT_EQ(at_line(4096).notes.size(), 1u);
    EXPECT_EQ(at_line(4097).value("kernel"), "");
    std::string odd;
    for (int i = 0; i < 21; ++i)
        odd += "odd\n";
    EXPECT_EQ(parsed(odd).notes.size(), 20u);
}

TEST(ConfigText, ends_at_its_first_nul) {
    using namespace std::string_view_literals;
    const auto config = parsed("kernel=a\n\0kernel=b\n"sv);
    EXPECT_EQ(config.value("kernel"), "a");
    EXPECT_TRUE(config.notes.empty());
}

TEST(ConfigText, includes_files_four_deep) {
    MemoryFolder folder;
    for (int depth = 1; depth <= 5; ++depth) {
        folder.files[std::to_string(depth)] =
            "kernel=" + std::to_string(depth) + "\ninclude " + std::to_string(depth + 1) + "\n";
    }
    const auto config = parse_config_txt("include 1", folder, pi4);
    EXPECT_EQ(config.value("kernel"), "4");
    EXPECT_EQ(config.notes.size(), 1u);
    EXPECT_EQ(parse_config_txt("include", folder, pi4).notes.size(), 1u) << "it names no file";
    folder.files["large"] = "kernel=a\n" + std::string(largest_text - 9, '#');
    EXPECT_EQ(parse_config_txt("include large", folder, pi4).value("kernel"), "a");
    folder.files["large"] += '#';
    EXPECT_EQ(parse_config_txt("include large", folder, pi4).value("kernel"), "");
}

TEST(ConfigSetting, has_more_than_one_name) {
    const std::vector<std::string> both{"a", "b"};
    EXPECT_EQ(parsed("initramfs a,,b followkernel").initramfs, both);
    EXPECT_EQ(parsed("initramfs c\nramfsfile=a,b").initramfs, both) << "the later line";
    EXPECT_EQ(parsed("initramfs").initramfs.size(), 0u);
    EXPECT_EQ(parsed("initramfs").notes.size(), 1u);
    const std::vector<TreeChange> tree{{"dwc2", {"dr_mode=host", "x=1"}}};
    EXPECT_EQ(parsed("dtoverlay=dwc2,dr_mode=host\ndtparam=x=1").tree, tree);
    EXPECT_EQ(parsed("device_tree_overlay = dwc2 , dr_mode=host, ,\ndevice_tree_param= x=1 ").tree,
              tree);
}

TEST(ConfigSetting, is_yes_as_any_number_but_zero) {
    for (const char* yes : {"1", "2", "0x1", "0X10"})
        EXPECT_TRUE(parsed("a=" + std::string(yes)).flag("a", false)) << yes;
    for (const char* no : {"0", "0x0", "yes", ""})
        EXPECT_FALSE(parsed("a=" + std::string(no)).flag("a", true)) << no;
    EXPECT_TRUE(parsed("").flag("a", true));
    EXPECT_FALSE(parsed("").flag("a", false));
    EXPECT_EQ(parsed("").value("a", "b"), "b");
    EXPECT_EQ(parsed("a=").value("a", "b"), "");
}

}  // namespace
}  // namespace bootwire::bootfiles
