#include "wifi/words.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wifi/choice.h"

namespace bootwire::wifi {
namespace {

using plan::CommandLine;
using plan::Source;
using std::chrono::seconds;

Wishes wishes_of(std::string_view text, plan::Report& report) {
    const CommandLine line = CommandLine::parse(text);
    const Said said{line, Source::command_line()};
    return read_words(std::span(&said, 1), report);
}

Wishes wishes_of(std::string_view text) {
    plan::Report report;
    Wishes wishes = wishes_of(text, report);
    EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
    return wishes;
}

std::string warning_of(std::string_view text) {
    plan::Report report;
    wishes_of(text, report);
    EXPECT_EQ(report.warnings.size(), 1u) << text;
    return join(report.warnings, "\n");
}

TEST(Words, have_examples_of_their_form) {
    for (const WordInfo& word : words()) {
        if (word.example.empty()) {
            EXPECT_TRUE(plan::is_secret_parameter(word.name));
            continue;
        }
        plan::Report report;
        wishes_of(std::string(word.name) + "=" + std::string(word.example), report);
        EXPECT_TRUE(report.warnings.empty()) << word.name;
    }
}

TEST(Words, name_a_network) {
    const Wishes wishes = wishes_of("wifi.ssid=\"My Net\" wifi.psk=\"pass word\" wifi.hidden=1");
    ASSERT_TRUE(wishes.network.value);
    EXPECT_EQ(wishes.network.value->ssid, "My Net");
    EXPECT_EQ(wishes.network.value->passphrase.reveal(), "pass word");
    EXPECT_TRUE(wishes.network.value->hidden);
    EXPECT_EQ(wishes.network.value->access, (Access{.psk = true, .sae = true}));
    EXPECT_EQ(wishes.network.source, Source::command_line());
}

TEST(Words, without_a_key_name_an_open_network) {
    EXPECT_EQ(wishes_of("wifi.ssid=Cafe").network.value->access, Access{.open = true});
    EXPECT_FALSE(wishes_of("wifi.psk=password wifi.country=de").network.value);
}

TEST(Words, with_a_key_that_is_not_usable_never_join_the_open_network_of_that_name) {
    plan::Report report;
    EXPECT_FALSE(wishes_of("wifi.ssid=Cafe wifi.psk=hush", report).network.value);
    ASSERT_EQ(report.warnings.size(), 1u);
    EXPECT_EQ(report.warnings.front().find("hush"), std::string::npos);
    EXPECT_FALSE(wishes_of("wifi.ssid=Cafe wifi.psk", report).network.value);
}

TEST(Words, choose_between_wpa2_and_wpa3) {
    const auto access = [](std::string_view more) {
        return wishes_of("wifi.ssid=A wifi.psk=password " + std::string(more))
            .network.value->access;
    };
    EXPECT_EQ(access("wifi.sae=1"), Access{.sae = true});
    EXPECT_EQ(access("wifi.sae=0"), Access{.psk = true});
    const std::string key = "wifi.ssid=A wifi.psk=" + std::string(64, 'f');
    EXPECT_EQ(wishes_of(key).network.value->access, Access{.psk = true});
    EXPECT_NE(warning_of(key + " wifi.sae=1").find("needs the password itself"), std::string::npos);
}

TEST(Words, have_what_holds_without_them) {
    const Wishes wishes = wishes_of("");
    EXPECT_FALSE(wishes.network.value);
    EXPECT_EQ(wishes.country.value, "");
    EXPECT_EQ(wishes.patience.value, seconds(30));
    EXPECT_FALSE(wishes.power_saving.value);
    EXPECT_FALSE(wishes.prefer_wifi.value);
}

TEST(Words, are_read) {
    const Wishes wishes =
        wishes_of("wifi.country=gb wifi.timeout=60 wifi.powersave=1 net.prefer=wifi");
    EXPECT_EQ(wishes.country.value, "GB");
    EXPECT_EQ(wishes.patience.value, seconds(60));
    EXPECT_TRUE(wishes.power_saving.value);
    EXPECT_TRUE(wishes.prefer_wifi.value);
}

TEST(Words, that_are_malformed_are_named_with_their_source_and_form) {
    EXPECT_EQ(warning_of("wifi.country=Germany"),
              "wifi.country: \"Germany\" from the kernel command line is not usable; expected two "
              "letters, or 00");
    warning_of("wifi.timeout=4");
    warning_of("wifi.timeout=3601");
    warning_of("net.prefer=cable");
    warning_of("wifi.powersave=maybe");
    warning_of("wifi.ssid=123456789012345678901234567890123");
    warning_of("wifi.ssid=");
}

TEST(Words, are_looked_up_each_by_itself_from_the_strongest_source_on) {
    const CommandLine console = CommandLine::parse("wifi.psk=password2 wifi.country=x");
    const CommandLine line = CommandLine::parse("wifi.ssid=A wifi.psk=password1 wifi.country=fr");
    const std::array said{Said{console, Source::console()}, Said{line, Source::command_line()}};
    plan::Report report;
    const Wishes wishes = read_words(said, report);
    EXPECT_EQ(wishes.network.value->passphrase.reveal(), "password2");
    EXPECT_EQ(wishes.network.source, Source::command_line());
    EXPECT_EQ(wishes.country.value, "FR");
    EXPECT_EQ(report.warnings.size(), 1u);
}

constexpr std::string_view conf_a = "country=AT\nnetwork={\nssid=\"A\"\nkey_mgmt=NONE\n}\n";
constexpr std::string_view conf_b = "network={\nssid=\"B\"\nkey_mgmt=NONE\n}\n";
constexpr std::string_view conf_c = "network={\nssid=\"C\"\nkey_mgmt=NONE\n}\n";

Wishes words_from(const Source& source) {
    const CommandLine line = CommandLine::parse("wifi.ssid=W");
    const Said said{line, source};
    plan::Report report;
    return read_words(std::span(&said, 1), report);
}

std::string chosen(const Wishes& wishes, const Confs& confs) {
    plan::Report report;
    const Choice choice = choose(wishes, confs, report);
    return choice.networks.empty() ? "" : choice.networks.front().ssid;
}

TEST(Choice, takes_the_strongest_source_that_names_a_network) {
    const Confs all{.help_disk = conf_a, .card = conf_b, .built_in = conf_c};
    const Confs without_help{.card = conf_b, .built_in = conf_c};
    const Confs only_built_in{.built_in = conf_c};
    EXPECT_EQ(chosen(words_from(Source::console()), all), "W");
    EXPECT_EQ(chosen(words_from(Source::help_disk()), all), "A");
    EXPECT_EQ(chosen(words_from(Source::help_disk()), without_help), "W");
    EXPECT_EQ(chosen(words_from(Source::command_line()), without_help), "B");
    EXPECT_EQ(chosen(words_from(Source::card()), without_help), "B");
    EXPECT_EQ(chosen(words_from(Source::card()), only_built_in), "W");
    EXPECT_EQ(chosen({}, only_built_in), "C");
    EXPECT_EQ(chosen({}, {}), "");
}

TEST(Choice, passes_over_a_conf_without_a_usable_network_and_says_so) {
    plan::Report report;
    const Choice choice =
        choose({}, {.card = "network={\nssid=\"X\"\n}\n", .built_in = conf_c}, report);
    EXPECT_EQ(choice.networks.front().ssid, "C");
    EXPECT_EQ(choice.source, "the built-in wpa_supplicant.conf");
    ASSERT_EQ(report.warnings.size(), 2u);
    EXPECT_EQ(
        report.warnings[0],
        "wpa_supplicant.conf of the SD card, line 1: the network \"X\" is left out: it has no "
        "psk=; an open one needs key_mgmt=NONE");
    EXPECT_EQ(report.warnings[1],
              "wpa_supplicant.conf of the SD card names no network that can be joined");
}

TEST(Choice, has_the_country_of_the_words_or_of_the_conf_that_counts) {
    plan::Report report;
    EXPECT_EQ(choose({}, {.card = conf_a}, report).country, "AT");
    EXPECT_EQ(choose({}, {.card = conf_b, .built_in = conf_a}, report).country, "");
    Wishes wishes;
    wishes.country = {"CH", Source::command_line()};
    EXPECT_EQ(choose(wishes, {.card = conf_a}, report).country, "CH");
}

}  // namespace
}  // namespace bootwire::wifi
