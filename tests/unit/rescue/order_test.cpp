#include "rescue/order.h"

#include <gtest/gtest.h>

#include "rescue/line_reader.h"

namespace bootwire::rescue {
namespace {

TEST(Order, knows_each_command_that_the_help_names) {
    for (const auto& [word, command] : {std::pair{"status", Command::status},
                                        {"log", Command::log},
                                        {"net", Command::net},
                                        {"dhcp", Command::dhcp},
                                        {"login", Command::login},
                                        {"disks", Command::disks},
                                        {"retry", Command::retry},
                                        {"reboot", Command::reboot},
                                        {"poweroff", Command::poweroff}}) {
        const auto order = parse_order(word);
        ASSERT_TRUE(order) << word;
        EXPECT_EQ(order->command, command);
        EXPECT_NE(help_text().find(word), help_text().npos) << word;
    }
}

TEST(Order, takes_blanks_and_capitals) {
    const auto order = parse_order("  PING \t nas.lan ");
    ASSERT_TRUE(order);
    EXPECT_EQ(order->command, Command::ping);
    EXPECT_EQ(order->argument, "nas.lan");
    EXPECT_EQ(parse_order("")->command, Command::help);
}

TEST(Order, says_what_is_wrong) {
    EXPECT_NE(parse_order("hlep").error().what.find("hlep"), std::string::npos);
    EXPECT_FALSE(parse_order("ping"));
    EXPECT_FALSE(parse_order("mode teleport"));
    EXPECT_FALSE(parse_order("set"));
    EXPECT_FALSE(parse_order("set iscsi.lun"));
    EXPECT_NE(parse_order("set iscsi.tagret=x").error().hint.find("iscsi.target"),
              std::string::npos);
}

TEST(Order, wants_secrets_to_be_asked_for) {
    const auto shown = parse_order("set iscsi.password=hunter22");
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().to_string().find("hunter22"), std::string::npos);
    const auto asked = parse_order("set iscsi.password");
    ASSERT_TRUE(asked);
    EXPECT_TRUE(asked->secret);
    EXPECT_EQ(asked->argument, "iscsi.password");
}

TEST(LineReader, gives_whole_lines_only) {
    LineReader reader;
    reader.add("sta");
    EXPECT_FALSE(reader.next());
    reader.add("tus\rnet\n");
    EXPECT_EQ(reader.next(), "status");
    EXPECT_EQ(reader.next(), "net");
    EXPECT_FALSE(reader.next());
}

TEST(LineReader, leaves_out_what_no_keyboard_means_and_what_is_too_long) {
    LineReader reader;
    reader.add(
        "a\x1b\x07"
        "b\n");
    EXPECT_EQ(reader.next(), "ab");
    reader.add(std::string(100000, 'x') + "\n");
    EXPECT_LE(reader.next()->size(), LineReader::longest);
    for (int i = 0; i < 1000; ++i)
        reader.add(std::string(100, 'y') + "\n");
    size_t lines = 0;
    while (reader.next())
        ++lines;
    EXPECT_LT(lines, 1000u);
}

}  // namespace
}  // namespace bootwire::rescue
