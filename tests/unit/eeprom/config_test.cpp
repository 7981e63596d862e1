#include "eeprom/config.h"

#include <gtest/gtest.h>

namespace bootwire::eeprom {
namespace {

const Board any_2711{Chip::bcm2711, {}, {}};
const Board any_2712{Chip::bcm2712, {}, {}};
const Board pi4{Chip::bcm2711, 0xc03114, "10000000abcdef01"};
const Board pi400{Chip::bcm2711, 0xc03130, {}};

std::string with(std::string_view text, std::string_view key, std::string_view value,
                 const Board& board = any_2711) {
    const auto changed = set(text, key, value, board);
    return changed ? *changed : "error: " + changed.error().what;
}

std::string networked(std::string_view text, const Board& board = any_2711) {
    const auto changed = add_network(text, board);
    return changed ? *changed : "error: " + changed.error().what;
}

TEST(Settings, are_changed_where_they_stand_and_nothing_else_is) {
    EXPECT_EQ(with("# mine\n[all]\nA=1\n\n# B is next\nB=2   \nC=3\n", "B", "77"),
              "# mine\n[all]\nA=1\n\n# B is next\nB=77   \nC=3\n");
    EXPECT_EQ(with("A=1\r\nB=\r\n", "B", "x y"), "A=1\r\nB=x y\r\n");
    EXPECT_EQ(with("  A = 1\nB=2", "A", "3"), "  A=3\nB=2");
    EXPECT_EQ(with("A=1\n", "A", ""), "A=\n");
    EXPECT_EQ(with("\xef\xbb\xbf"
                   "A=1\n",
                   "A", "2"),
              "\xef\xbb\xbf"
              "A=2\n");
}

TEST(Settings, in_comments_are_comments) {
    EXPECT_EQ(with("[all]\n#A=1\n", "A", "2"), "[all]\nA=2\n#A=1\n");
}

TEST(Settings, that_are_not_there_come_behind_those_that_always_count) {
    EXPECT_EQ(with("", "A", "1"), "A=1\n");
    EXPECT_EQ(with("[all]\nB=1\n\n", "A", "1"), "[all]\nB=1\nA=1\n\n");
    EXPECT_EQ(with("[all]\nB=1", "A", "1"), "[all]\nB=1\nA=1\n");
    EXPECT_EQ(with("B=1\r\n", "A", "1"), "B=1\r\nA=1\r\n");
    EXPECT_EQ(with("# why\n\n[gpio4=1]\nB=1\n", "A", "1"), "# why\nA=1\n\n[gpio4=1]\nB=1\n");
    EXPECT_EQ(with("B=1\n[none]\nC=1\n", "A", "1"), "B=1\nA=1\n[none]\nC=1\n");
    EXPECT_EQ(with("[pi5]\nB=1\n[all]\n", "A", "1"), "[pi5]\nB=1\n[all]\nA=1\n");
    EXPECT_EQ(with("\xef\xbb\xbf[pi5]\nB=1\n", "A", "1"),
              "\xef\xbb\xbf"
              "A=1\n[pi5]\nB=1\n");
}

TEST(Settings, of_config_txt_are_never_touched) {
    const std::string_view text = "[all]\nB=1\n[config.txt]\nA=1\n[all]\nA=2\n";
    EXPECT_EQ(with(text, "A", "3"), "[all]\nB=1\nA=3\n[config.txt]\nA=1\n[all]\nA=2\n");
    EXPECT_FALSE(value_of(text, "A", any_2711));
    EXPECT_EQ(with("[config.txt]\nA=1\n", "A", "3"), "A=3\n[config.txt]\nA=1\n");
    EXPECT_EQ(with("  [Config.txt] # x\nA=1\n", "A", "3"), "A=3\n  [Config.txt] # x\nA=1\n");
}

TEST(Duplicates, are_changed_where_the_last_one_is) {
    EXPECT_EQ(with("A=1\nA=2\nB=1\n", "A", "3"), "A=1\nA=3\nB=1\n");
    EXPECT_EQ(value_of("A=1\nA=2\n", "A", any_2711)->text, "2");
}

TEST(Filters, of_other_boards_are_left_alone) {
    const std::string_view text = "[pi4]\nA=4\n[pi5]\nA=5\n";
    EXPECT_EQ(with(text, "A", "9", any_2711), "[pi4]\nA=9\n[pi5]\nA=5\n");
    EXPECT_EQ(with(text, "A", "9", any_2712), "[pi4]\nA=4\n[pi5]\nA=9\n");
    EXPECT_EQ(with("[board-type=0x13]\nA=1\n[all]\n", "A", "9", pi4),
              "[board-type=0x13]\nA=1\n[all]\nA=9\n");
    EXPECT_EQ(with("[board-type=0x11]\nA=1\n", "A", "9", pi4), "[board-type=0x11]\nA=9\n");
    EXPECT_EQ(with("[0xABCDEF01]\nA=1\n[0x12345678]\nA=2\n", "A", "9", pi4),
              "[0xABCDEF01]\nA=9\n[0x12345678]\nA=2\n");
}

TEST(Filters, that_may_hold_leave_no_way_for_the_old_value) {
    EXPECT_EQ(with("A=1\n[gpio4=1]\nA=2\n", "A", "9"), "A=9\n[gpio4=1]\nA=9\n");
    // Without a pin nothing says A: it gets a line that the pin's cannot be before.
    EXPECT_EQ(with("[gpio4=1]\nA=2\n[all]\nB=1\n", "A", "9"), "A=9\n[gpio4=1]\nA=9\n[all]\nB=1\n");
    EXPECT_EQ(with("[pi400]\nA=2\n", "A", "9", any_2711), "A=9\n[pi400]\nA=9\n");
    EXPECT_EQ(with("[pi400]\nA=2\n", "A", "9", pi400), "[pi400]\nA=9\n");
    EXPECT_EQ(with("A=0\n[tryboot]\nA=1\n[all]\nA=2\n", "A", "9"),
              "A=0\n[tryboot]\nA=1\n[all]\nA=9\n");
    EXPECT_FALSE(value_of("A=1\n[gpio4=1]\nA=2\n", "A", any_2711)->certain);
    EXPECT_TRUE(value_of("A=1\n[gpio4=1]\nA=1\n", "A", any_2711)->certain);
}

TEST(Filters, of_several_kinds_must_all_hold_until_all_is_said) {
    EXPECT_EQ(settings("[pi5]\n[0xabcdef01]\nA=1\n", pi4)[0].applies, Applies::no);
    EXPECT_EQ(settings("[pi4]\n[0xabcdef01]\nA=1\n", pi4)[0].applies, Applies::yes);
    EXPECT_EQ(settings("[pi5]\n[pi4]\nA=1\n", pi4)[0].applies, Applies::yes);
    EXPECT_EQ(settings("[none]\nA=1\n", pi4)[0].applies, Applies::no);
    EXPECT_EQ(settings("[none]\n[pi4]\nA=1\n", pi4)[0].applies, Applies::maybe);
    EXPECT_EQ(settings("[none]\n[all]\nA=1\n", pi4)[0].applies, Applies::yes);
    EXPECT_EQ(settings("[board-type=0x99]\nA=1\n", any_2711)[0].applies, Applies::maybe);
    EXPECT_EQ(settings("[cm5]\nA=1\n", any_2711)[0].applies, Applies::no);
    EXPECT_EQ(settings("[\nA=1\n", any_2711)[0].applies, Applies::maybe);
    EXPECT_EQ(settings("# c\n[all]\nA=1\n", any_2711)[0].line, 3u);
}

TEST(Settings, that_cannot_stand_in_a_configuration_are_refused) {
    for (const char* key : {"", "A B", "[all]", "A\n", "#A", "A="})
        EXPECT_FALSE(set("", key, "1", any_2711)) << key;
    for (const char* value : {"1\nB=2", " 1", "1\r", "\t", "\xc3\xa4"})
        EXPECT_FALSE(set("", "A", value, any_2711)) << value;
    EXPECT_NE(with("gpio=4=pu\n", "gpio", "5=pd").find("several times"), std::string::npos);
    EXPECT_FALSE(set(std::string_view("A=1\0", 4), "A", "1", any_2711));
    EXPECT_FALSE(set(std::string(largest_text + 1, '#'), "A", "1", any_2711));
}

TEST(Networks, are_put_behind_the_card_and_the_rest_is_kept) {
    EXPECT_EQ(networked("[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\n"),
              "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf4621\n");
    EXPECT_EQ(networked("[all]\nBOOT_UART=0\n\n"), "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf421\n\n");
    EXPECT_EQ(networked("BOOT_ORDER=\n"), "BOOT_ORDER=0xf421\n");
    EXPECT_EQ(networked(""), "BOOT_ORDER=0xf421\n");
}

TEST(Networks, that_are_there_change_nothing) {
    for (const char* text : {"BOOT_ORDER=0xf21\n", "BOOT_ORDER=0xF25641\n", "BOOT_ORDER=0x2",
                             "A=1\nBOOT_ORDER=0xf41\nBOOT_ORDER=0xf412\n"}) {
        EXPECT_EQ(networked(text), text);
    }
}

TEST(Networks, are_added_in_each_order_that_may_be_the_one) {
    EXPECT_EQ(
        networked("BOOT_ORDER=0xf41\n[gpio21=1]\nBOOT_ORDER=0xf2\n[gpio21=0]\nBOOT_ORDER=0xf1\n"),
        "BOOT_ORDER=0xf421\n[gpio21=1]\nBOOT_ORDER=0xf2\n[gpio21=0]\nBOOT_ORDER=0xf21\n");
    EXPECT_EQ(networked("[gpio21=1]\nBOOT_ORDER=0xf4\n"),
              "BOOT_ORDER=0xf421\n[gpio21=1]\nBOOT_ORDER=0xf24\n");
    EXPECT_EQ(networked("[pi5]\nBOOT_ORDER=0xf1\n[all]\nBOOT_ORDER=0xf41\n"),
              "[pi5]\nBOOT_ORDER=0xf1\n[all]\nBOOT_ORDER=0xf421\n");
}

TEST(Networks, are_not_added_to_what_cannot_be_read) {
    EXPECT_NE(networked("BOOT_ORDER=SD\n").find("error: BOOT_ORDER=SD is no order"),
              std::string::npos);
    EXPECT_NE(networked("BOOT_ORDER=0xf1461461\n").find("no room"), std::string::npos);
}

TEST(Configurations, of_fewer_than_three_lines_are_known_to_get_lost) {
    EXPECT_TRUE(is_too_short_to_last("A=1\nB=2\nC=3"));
    EXPECT_FALSE(is_too_short_to_last("A=1\nB=2\nC=3\n"));
}

TEST(Keys, may_be_on_unless_each_line_that_may_count_says_no) {
    EXPECT_FALSE(may_be_on("A=1\nA=0\n", "A", pi4));
    EXPECT_TRUE(may_be_on("A=0\n[gpio4=1]\nA=1\n", "A", pi4));
    EXPECT_FALSE(may_be_on("[pi5]\nA=1\n", "A", pi4));
    EXPECT_FALSE(may_be_on("", "A", pi4));
}

}  // namespace
}  // namespace bootwire::eeprom
