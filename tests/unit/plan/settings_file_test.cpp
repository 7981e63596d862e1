#include "plan/settings_file.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/request.h"

namespace bootwire::plan {
namespace {

using namespace std::string_view_literals;

TEST(SettingsFile, has_comments_and_several_words_in_a_line) {
    const auto said = read_settings_file(
        "# iscsi.lun=9\r\n iscsi.ip=10.0.0.1 iscsi.lun=1\r\n;vlan=3\r\niscsi.password=\"two "
        "words\"\r\n");
    EXPECT_EQ(said.words().size(), 3u);
    EXPECT_EQ(said.value("iscsi.lun"), "1");
    EXPECT_EQ(said.value("iscsi.password"), "two words");
    EXPECT_FALSE(said.value("vlan"));
}

TEST(SettingsFile, is_read_in_any_encoding_that_an_editor_writes) {
    EXPECT_EQ(read_settings_file("\xef\xbb\xbfiscsi.lun=1\n").value("iscsi.lun"), "1");
    EXPECT_EQ(read_settings_file("\xff\xfev\0l\0a\0n\0=\0007\0\n\0"sv).value("vlan"), "7");
    EXPECT_EQ(read_settings_file("\xfe\xff\0v\0l\0a\0n\0=\0007\0\n"sv).value("vlan"), "7");
    EXPECT_EQ(read_settings_file("vlan=7\n\0\0\0"sv).value("vlan"), "7");
}

TEST(SettingsFile, hides_secrets_and_knows_them_again) {
    const auto said = read_settings_file("iscsi.password=secret-1\niscsi.username=pi\n");
    const std::string text = write_settings_file(said);
    EXPECT_EQ(text.find("secret-1"), text.npos);
    EXPECT_EQ(read_settings_file(text, said), said);
    EXPECT_EQ(read_settings_file("iscsi.password=other", said).value("iscsi.password"), "other");
}

TEST(SettingsFile, that_is_huge_is_bounded) {
    std::string text;
    while (text.size() < 1'000'000)
        text += "vlan=1\n";
    EXPECT_LE(read_settings_file(text).words().size(), CommandLine::max_words);
}

TEST(WithSettings, replaces_what_is_said_again_and_keeps_every_other_line) {
    const auto settings = read_settings_file("iscsi.ip=10.0.0.2\niscsi.password=\"a b\"\n");
    EXPECT_EQ(with_settings("# the rack in the hall\r\niscsi.ip=10.0.0.1 vlan=3\r\n\r\n"
                            "iscsi.ip=10.0.0.3\r\n odd = \"words\r\n",
                            settings),
              "# the rack in the hall\r\nvlan=3\r\n\r\n odd = \"words\r\n"
              "iscsi.ip=10.0.0.2\r\niscsi.password=\"a b\"\r\n");
    EXPECT_EQ(with_settings("dns=10.0.0.9", settings),
              "dns=10.0.0.9\niscsi.ip=10.0.0.2\niscsi.password=\"a b\"\n");
    EXPECT_EQ(with_settings("", settings), "iscsi.ip=10.0.0.2\r\niscsi.password=\"a b\"\r\n");
    EXPECT_EQ(with_settings("# one\n", {}), "# one\n");
}

TEST(WithSettings, quotes_whatever_the_kernel_takes_for_a_blank) {
    for (const char blank : {' ', '\t', '\v', '\xa0'}) {
        const std::string value = std::string("a") + blank + "b";
        const auto said = read_settings_file("iscsi.password=\"" + value + "\"");
        const auto kept = read_settings_file(with_settings("", said));
        EXPECT_EQ(kept.value("iscsi.password"), value) << int{blank};
    }
}

TEST(WithSettings, understands_what_other_systems_write_and_writes_plain_text) {
    const auto settings = read_settings_file("vlan=3");
    EXPECT_EQ(with_settings("\xef\xbb\xbfvlan=2\n", settings), "vlan=3\n");
    EXPECT_EQ(with_settings("\xff\xfe#\0a\0\n\0"sv, settings), "#a\nvlan=3\n");
}

TEST(WithoutSettings, takes_out_what_would_win_and_changes_nothing_else) {
    const auto settings = read_settings_file("iscsi.ip=10.0.0.2\nquiet\n");
    EXPECT_EQ(without_settings("console=tty1 iscsi.ip=10.0.0.1 quiet -- a b\r\nmore\n", settings),
              "console=tty1 quiet -- a b\r\nmore\n");
    EXPECT_EQ(without_settings("a  \"b c\"  vlan=1 \n", settings), "a  \"b c\"  vlan=1 \n");
    EXPECT_EQ(without_settings("iscsi.ip=1\n", settings), "\n");
    EXPECT_EQ(without_settings("", settings), "");
}

TEST(WithoutSettings, leaves_the_quotes_of_other_words_as_they_are) {
    const auto settings = read_settings_file("vlan=3\n");
    for (const std::string other : {R"(a"b.password=c vlan=3)", R"("b.password=c d"e)"})
        EXPECT_EQ(without_settings("vlan=1 " + other, settings), other);
}

// What somebody else's computer may write there, to have a program started or memory taken away.
constexpr std::string_view foreign_words =
    "systemd.run=\"/bin/sh -c id\" rdinit=/bin/sh init=/bin/sh mem=64M bootwire.unknown=1 "
    "iscsi.lun=4 single -- --unit=rescue.target\n";

TEST(WithSettings, takes_no_word_that_is_no_setting_of_ours) {
    EXPECT_EQ(with_settings("", read_settings_file(foreign_words)), "iscsi.lun=4\r\n");
}

TEST(Given, has_no_word_of_the_help_disk_that_is_no_setting_of_ours) {
    Given given{CommandLine::parse("root=/dev/sda2 quiet iscsi.lun=1")};
    given.help_disk = read_settings_file(foreign_words);
    const CommandLine line = given.as_one_line();
    ASSERT_EQ(line.words().size(), 3u);
    EXPECT_EQ(line.value("iscsi.lun"), "4");
    EXPECT_EQ(line.value("root"), "/dev/sda2");
    EXPECT_TRUE(line.has("quiet"));
    EXPECT_TRUE(line.init_arguments().empty());
}

TEST(Given, counts_the_cards_bootwire_txt_where_the_command_line_says_nothing) {
    Given given{CommandLine::parse("root=/dev/sda2 iscsi.lun=1 -- single")};
    given.card = read_settings_file("iscsi.lun=2 vlan=3\n\niscsi.pasword=x rdinit=/bin/sh\n");
    Report report;
    const Request request = read_request(given, report);
    EXPECT_EQ(request.settings.of(Key::iscsi_lun).front()->text, "1");
    EXPECT_EQ(request.network.vlan.value, 3);
    EXPECT_EQ(request.network.vlan.source.to_string(), "bootwire.txt of the SD card");
    ASSERT_EQ(report.warnings.size(), 2u);
    EXPECT_EQ(report.warnings[0],
              "bootwire.txt of the SD card, line 3, has \"iscsi.pasword\", which bootwire does not "
              "know; do you mean iscsi.password=?");
    const CommandLine line = given.as_one_line();
    EXPECT_EQ(line.value("iscsi.lun"), "1");
    EXPECT_EQ(line.value("vlan"), "3");
    EXPECT_FALSE(line.has("rdinit"));
    EXPECT_EQ(line.init_arguments().size(), 1u);
}

TEST(Given, says_what_the_bootloader_is_to_have) {
    const auto wishes = [](std::string_view said) {
        Report report;
        return read_request({CommandLine::parse(said)}, report).bootloader;
    };
    using What = eeprom::OrderWish::What;
    EXPECT_EQ(wishes("").order.value.what, What::add_network);
    EXPECT_FALSE(wishes("").tftp_prefix.value);
    EXPECT_EQ(wishes("bootwire.boot_order=keep").order.value.what, What::keep);
    EXPECT_EQ(wishes("bootwire.boot_order=0xf21").order.value.order, 0xf21u);
    EXPECT_EQ(wishes("bootwire.boot_order=nonsense").order.value.what, What::add_network);
    EXPECT_EQ(wishes("bootwire.tftp_prefix=none").tftp_prefix.value, TftpPrefix::none);
    EXPECT_FALSE(wishes("bootwire.tftp_prefix=1").tftp_prefix.value);
}

TEST(Given, counts_the_cards_bootwire_txt_above_dhcp) {
    Given given{};
    given.card = read_settings_file("iscsi.mode=kexec");
    Report report;
    Request request = read_request(given, report);
    dhcp::Lease lease;
    lease.boot_mode = "usb";
    request.settings.add(lease);
    EXPECT_EQ(request.settings.of(Key::iscsi_mode).front()->text, "kexec");
}

TEST(Given, counts_console_over_help_disk_over_command_line) {
    Given given{CommandLine::parse("iscsi.lun=1 iscsi.target=iqn.2024-01.a:a vlan=3")};
    given.help_disk = read_settings_file("iscsi.lun=2 iscsi.target=iqn.2024-01.b:b");
    given.console.set("iscsi.lun", "3");
    Report report;
    const Request request = read_request(given, report);
    EXPECT_EQ(request.settings.of(Key::iscsi_lun).front()->text, "3");
    EXPECT_EQ(request.settings.of(Key::iscsi_lun).front()->source.to_string(),
              "the rescue console");
    EXPECT_EQ(request.settings.of(Key::iscsi_target).front()->text, "iqn.2024-01.b:b");
    EXPECT_EQ(request.network.vlan.value, 3);

    const CommandLine line = given.as_one_line();
    EXPECT_EQ(line.value("iscsi.lun"), "3");
    EXPECT_EQ(line.value("iscsi.target"), "iqn.2024-01.b:b");
    EXPECT_EQ(line.words().size(), 3u);
}

TEST(Given, names_what_is_unknown_in_a_settings_file_and_where) {
    Given given{CommandLine::parse("quiet whatever=1")};
    given.help_disk = read_settings_file("quiet\niscsi.tagret=x\n");
    Report report;
    read_request(given, report);
    ASSERT_EQ(report.warnings.size(), 2u);
    EXPECT_NE(report.warnings[0].find("bootwire.txt of the help disk, line 1, has \"quiet\""),
              std::string::npos);
    EXPECT_NE(report.warnings[1].find("iscsi.target="), std::string::npos);
}

}  // namespace
}  // namespace bootwire::plan
