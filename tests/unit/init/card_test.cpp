#include "init/card.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bootwire::init {
namespace {

using namespace std::literals;
using plan::CommandLine;

constexpr std::string_view firmware_words =
    "coherent_pool=1M 8250.nr_uarts=1 smsc95xx.macaddr=DC:A6:32:01:02:03 "
    "vc_mem.mem_base=0x3ec00000 ";

/// The kernel's command line after such a cmdline.txt.
CommandLine booted_with(std::string_view cmdline_txt) {
    return CommandLine::parse(std::string(firmware_words) + std::string(cmdline_txt));
}

bool is_own(std::string_view cmdline_txt, std::string_view booted) {
    return is_of_this_boot(cmdline_txt, booted_with(booted)).has_value();
}

TEST(Card, is_this_boots_if_it_says_what_the_kernel_was_given) {
    const auto line = "console=tty1 iscsi.ip=10.0.0.1 iscsi.target=iqn.2024-01.lan.home:a quiet";
    EXPECT_TRUE(is_own(line, line));
    EXPECT_TRUE(is_own(line + "\n"s, line));
    EXPECT_TRUE(is_own(line + "\r\nnobody reads this\r\n"s, line));
}

TEST(Card, of_another_pi_has_the_same_keys_and_other_values) {
    EXPECT_FALSE(is_own("console=tty1 iscsi.target=iqn.2024-01.lan.home:b quiet",
                        "console=tty1 iscsi.target=iqn.2024-01.lan.home:a quiet"));
    EXPECT_FALSE(is_own("iscsi.target=iqn.2024-01.lan.home:a", "iscsi.target"));
}

TEST(Card, that_says_less_or_more_than_was_given_is_another_one) {
    const auto given = "console=tty1 quiet iscsi.target=iqn.2024-01.lan.home:a";
    EXPECT_FALSE(is_own("console=tty1 quiet", given));
    EXPECT_FALSE(is_own("console=tty1 quiet iscsi.target=iqn.2024-01.lan.home:a rw", given));
    EXPECT_FALSE(is_own("quiet console=tty1 iscsi.target=iqn.2024-01.lan.home:a", given));
    EXPECT_FALSE(is_own("quiet -- single", "quiet -- emergency"));
    EXPECT_TRUE(is_own("quiet -- single", "quiet -- single"));
}

TEST(Card, that_says_nothing_proves_nothing) {
    EXPECT_FALSE(is_own("", ""));
    EXPECT_FALSE(is_own("\n", "quiet"));
    EXPECT_FALSE(is_own("console=serial0,115200", "console=ttyS0,115200"));
}

TEST(Card, may_name_serial_consoles_as_the_firmware_does_not) {
    EXPECT_TRUE(is_own("console=serial0,115200 console=tty1 quiet",
                       "console=ttyAMA10,115200 console=tty1 quiet"));
    EXPECT_TRUE(is_own("console=tty1 console=ttyAMA0,115200 quiet",
                       "console=tty1 console=ttyS0,115200 quiet"));
    EXPECT_TRUE(is_own("console=serial0,115200 quiet", "quiet"));
    EXPECT_FALSE(is_own("console=tty2 quiet", "console=tty1 quiet"));
}

TEST(Card, is_this_boots_still_when_settings_were_kept_on_it) {
    const auto running = booted_with("iscsi.ip=10.0.0.1");
    EXPECT_FALSE(is_of_this_boot("iscsi.ip=10.0.0.2\n", running));
    EXPECT_TRUE(is_of_this_boot("iscsi.ip=10.0.0.2\n", running, "iscsi.ip=10.0.0.2\n"));
    EXPECT_FALSE(is_of_this_boot("iscsi.ip=10.0.0.3\n", running, "iscsi.ip=10.0.0.2\n"));
    EXPECT_FALSE(is_of_this_boot("", running, ""));
}

TEST(Card, is_known_by_its_secrets_too_which_no_message_has) {
    const auto card = "iscsi.username=pi iscsi.password=\"two words\"";
    auto running = booted_with("iscsi.username=pi iscsi.password=*");
    EXPECT_FALSE(is_of_this_boot(card, running));
    running.add_secrets("iscsi.password=two words\n");
    EXPECT_TRUE(is_of_this_boot(card, running));
    const auto refused = is_of_this_boot("iscsi.username=pi iscsi.password=another1", running);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().to_string(),
        "the SD card is not the one that this Pi started from (its cmdline.txt says something "
        "else than this boot was given)");
}

TEST(Card, is_not_what_a_firmware_started_from_that_says_network_or_usb) {
    EXPECT_TRUE(started_elsewhere("\0\0\0\2"sv)) << "network";
    EXPECT_TRUE(started_elsewhere("\0\0\0\4"sv)) << "USB";
    EXPECT_TRUE(started_elsewhere("\0\0\0\6"sv)) << "NVMe";
    EXPECT_FALSE(started_elsewhere("\0\0\0\1"sv));
    EXPECT_FALSE(started_elsewhere("\0\0\0\0"sv));
    EXPECT_FALSE(started_elsewhere("")) << "older firmware";
}

std::string partition_among(const std::vector<std::string>& names) {
    return card_partition(names);
}

TEST(Card, is_found_whatever_number_its_slot_has) {
    EXPECT_EQ(partition_among({"loop0", "mmcblk0", "mmcblk0p1", "mmcblk0p2", "sda"}), "mmcblk0p1");
    EXPECT_EQ(partition_among({"mmcblk1", "mmcblk1p1", "sda", "sda1"}), "mmcblk1p1");
    EXPECT_EQ(partition_among({"mmcblk12", "mmcblk12p1"}), "mmcblk12p1");
}

TEST(Card, is_none_where_there_is_no_first_partition_of_one) {
    EXPECT_EQ(partition_among({}), "");
    EXPECT_EQ(partition_among({"mmcblk0", "mmcblk0p2", "sda1", "nvme0n1p1"}), "");
    EXPECT_EQ(partition_among({"mmcblk0boot0", "mmcblk0boot1", "mmcblk0p11", "mmcblkp1"}), "");
}

}  // namespace
}  // namespace bootwire::init
