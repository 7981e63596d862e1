#include "wifi/conf.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wifi/conf_lines.h"

namespace bootwire::wifi {
namespace {

using namespace std::string_literals;

std::string notes_of(const Conf& conf) {
    return join(conf.notes, "\n");
}

/// The only network of a conf that has its lines between the braces.
Network network_of(const std::string& lines) {
    Conf conf = read_conf("network={\n" + lines + "\n}\n");
    if (conf.networks.size() != 1) {
        ADD_FAILURE() << conf.networks.size() << " networks: " << notes_of(conf);
        return {};
    }
    return conf.networks.front();
}

std::string why_left_out(const std::string& lines) {
    const Conf conf = read_conf("network={\n" + lines + "\n}\n");
    EXPECT_TRUE(conf.networks.empty());
    return notes_of(conf);
}

TEST(Conf, of_the_raspberry_pi_imager_is_read_without_a_note) {
    const Conf conf = read_conf(
        "country=gb\n"
        "ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\n"
        "ap_scan=1\n"
        "update_config=1\n"
        "\n"
        "network={\n"
        "\tssid=\"Home\"\n"
        "\tpsk=0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF\n"
        "\tscan_ssid=1\n"
        "\tkey_mgmt=WPA-PSK\n"
        "}\n");
    EXPECT_EQ(notes_of(conf), "");
    EXPECT_EQ(conf.country, "GB");
    ASSERT_EQ(conf.networks.size(), 1u);
    const Network& network = conf.networks.front();
    EXPECT_EQ(network.ssid, "Home");
    EXPECT_TRUE(network.hidden);
    EXPECT_EQ(network.line, 6u);
    EXPECT_EQ(network.access, Access{.psk = true});
    EXPECT_EQ(network.psk.reveal(),
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF");
}

TEST(Conf, is_read_whatever_an_editor_has_made_of_it) {
    const std::string text = "country=DE\nnetwork={\n ssid=\"A\"\n psk=\"password\"\n}\n";
    const auto with_ends = [&](const std::string& end) {
        std::string changed;
        for (const char c : text)
            changed += c == '\n' ? end : std::string(1, c);
        return changed;
    };
    const auto in_utf16 = [](const std::string& ascii, bool little) {
        std::string changed = little ? "\xff\xfe" : "\xfe\xff";
        for (const char c : ascii)
            changed += little ? std::string{c, '\0'} : std::string{'\0', c};
        return changed;
    };
    for (const std::string& file :
         {text, with_ends("\r\n"), with_ends("\r"), "\xef\xbb\xbf" + text, in_utf16(text, true),
          in_utf16(with_ends("\r\n"), false), text.substr(0, text.size() - 1)}) {
        const Conf conf = read_conf(file);
        EXPECT_EQ(notes_of(conf), "");
        EXPECT_EQ(conf.country, "DE");
        ASSERT_EQ(conf.networks.size(), 1u);
        EXPECT_EQ(conf.networks.front().ssid, "A");
        EXPECT_EQ(conf.networks.front().passphrase.reveal(), "password");
    }
}

TEST(Conf, in_utf16_has_names_in_utf8) {
    // é, and a telephone (U+1F4DE) as a pair of halves, then a half that is alone.
    const Conf conf = read_conf(
        "\xff\xfe"
        "n\0e\0t\0w\0o\0r\0k\0=\0{\0\n\0s\0s\0i\0d\0=\0\"\0"
        "\xe9\0\x3d\xd8\xde\xdc\x3d\xd8"
        "\"\0\n\0k\0e\0y\0_\0m\0g\0m\0t\0=\0N\0O\0N\0E\0\n\0}\0"s);
    ASSERT_EQ(conf.networks.size(), 1u);
    EXPECT_EQ(conf.networks.front().ssid, "\xc3\xa9\xf0\x9f\x93\x9e?");
}

TEST(Conf, counts_lines_of_each_kind_of_end_alike) {
    EXPECT_EQ(notes_of(read_conf("\r\n\r\n\r\nodd=1\r\n")), "line 4: \"odd\" is not used");
    EXPECT_EQ(notes_of(read_conf("\r\r\rodd=1")), "line 4: \"odd\" is not used");
    EXPECT_EQ(notes_of(read_conf("\n\n\nodd=1")), "line 4: \"odd\" is not used");
}

TEST(Conf, names_unknown_settings_by_line_and_joins_all_the_same) {
    const Conf conf =
        read_conf("frobnicate=1\nnetwork={\nssid=\"A\"\npks=\"12345678\"\npsk=\"password\"\n}\n");
    EXPECT_EQ(notes_of(conf), "line 1: \"frobnicate\" is not used\nline 4: \"pks\" is not used");
    EXPECT_EQ(conf.networks.size(), 1u);
}

TEST(Conf, has_comments_but_not_within_quotes) {
    const Network network = network_of(
        "# ssid=\"X\"\n  ssid=\"A #1\"  # the first\n psk=\"pass#word\"# so\n#}\n priority=5 # "
        "five");
    EXPECT_EQ(network.ssid, "A #1");
    EXPECT_EQ(network.passphrase.reveal(), "pass#word");
    EXPECT_EQ(network.priority, 5);
}

TEST(Conf, takes_names_in_each_form) {
    const auto name = [](const std::string& form) {
        return network_of("ssid=" + form + "\nkey_mgmt=NONE").ssid;
    };
    EXPECT_EQ(name("\"A \"B\" C\""), "A \"B\" C");
    EXPECT_EQ(name("\"Caf\xc3\xa9\""), "Caf\xc3\xa9");
    EXPECT_EQ(name("436166c3a9"), "Caf\xc3\xa9");
    EXPECT_EQ(name("P\"a\\n\\x01\\\"\\0\\101\\e\\\\b\""), "a\n\x01\"\0A\033\\b"s);
    EXPECT_EQ(name("00ff"), "\0\xff"s);
    EXPECT_EQ(name("\"12345678901234567890123456789012\"").size(), 32u);
}

TEST(Conf, takes_what_lacks_quotes_and_says_so) {
    Conf conf = read_conf("network={\nssid=My Net\npsk=pass word 1\n}");
    ASSERT_EQ(conf.networks.size(), 1u);
    EXPECT_EQ(conf.networks.front().ssid, "My Net");
    EXPECT_EQ(conf.networks.front().passphrase.reveal(), "pass word 1");
    EXPECT_NE(notes_of(conf).find("line 2: ssid= has no quotes; it is taken as \"My Net\""),
              std::string::npos);
    EXPECT_NE(notes_of(conf).find("line 3: psk= has no quotes"), std::string::npos);
    conf = read_conf("network={\nssid=\xe2\x80\x9cMy Net\xe2\x80\x9d\nkey_mgmt=NONE\n}");
    ASSERT_EQ(conf.networks.size(), 1u);
    EXPECT_EQ(conf.networks.front().ssid, "My Net");
}

TEST(Conf, takes_blanks_where_wpa_supplicant_does_not) {
    const Conf conf = read_conf("network = {\n ssid = \"A\"\n psk = \"password\"\n}\ncountry = FR");
    EXPECT_EQ(notes_of(conf), "");
    EXPECT_EQ(conf.networks.size(), 1u);
    EXPECT_EQ(conf.country, "FR");
}

TEST(Conf, leaves_out_networks_without_a_usable_name) {
    EXPECT_EQ(why_left_out("psk=\"password\""), "line 1: the network is left out: it has no ssid=");
    for (const char* const bad :
         {"\"", "\"\"", "\"A", "A\"", "P\"", "", "\"123456789012345678901234567890123\""}) {
        EXPECT_NE(why_left_out("ssid="s + bad + "\npsk=\"password\"").find("line 2: ssid= "),
                  std::string::npos)
            << bad;
    }
}

TEST(Conf, leaves_out_what_cannot_be_joined_and_says_why) {
    const auto why = [](const std::string& lines) { return why_left_out("ssid=\"A\"\n" + lines); };
    EXPECT_NE(why("").find("it has no psk=; an open one needs key_mgmt=NONE"), std::string::npos);
    EXPECT_NE(why("key_mgmt=WPA-EAP\neap=PEAP\nidentity=\"me\"\npassword=\"sesame\"").find("EAP"),
              std::string::npos);
    EXPECT_NE(why("eap=PEAP\nidentity=\"me\"").find("EAP"), std::string::npos);
    EXPECT_NE(why("key_mgmt=NONE\nwep_key0=\"abcde\"").find("WEP"), std::string::npos);
    EXPECT_NE(why("psk=\"password\"\ndisabled=1").find("disabled"), std::string::npos);
    EXPECT_NE(why("psk=\"password\"\nmode=2").find("mode="), std::string::npos);
    EXPECT_NE(why("psk=\"password\"\nkey_mgmt=OWE").find("\"OWE\", which is not used"),
              std::string::npos);
    EXPECT_NE(why("psk=\"password\"\nkey_mgmt=").find("names nothing"), std::string::npos);
    EXPECT_NE(why("key_mgmt=SAE").find("no usable psk= or sae_password="), std::string::npos);
    EXPECT_NE(why("key_mgmt=WPA-PSK\nsae_password=\"x\"").find("no usable psk="),
              std::string::npos);
}

TEST(Conf, leaves_out_a_network_with_an_unusable_password_and_does_not_show_it) {
    for (const char* const bad :
         {"\"seven77\"", "\"hush-hush", "hush-hush\"", "\"hush\thush\"", "\"hush\x7fhush\""}) {
        const std::string notes = why_left_out("ssid=\"A\"\npsk="s + bad);
        EXPECT_NE(notes.find("line 3: psk= is not usable"), std::string::npos) << bad;
        EXPECT_EQ(notes.find("hush"), std::string::npos) << notes;
        EXPECT_EQ(notes.find("seven77"), std::string::npos) << notes;
    }
}

TEST(Conf, takes_passwords_of_8_to_63_characters) {
    for (const size_t length : {size_t{8}, size_t{63}}) {
        const std::string password(length, 'x');
        EXPECT_EQ(network_of("ssid=\"A\"\npsk=\"" + password + '"').passphrase.reveal(), password);
    }
    for (const size_t length : {size_t{7}, size_t{64}}) {
        const std::string notes =
            why_left_out("ssid=\"A\"\npsk=\"" + std::string(length, 'x') + '"');
        EXPECT_NE(notes.find("line 3: psk= is not usable"), std::string::npos) << length;
    }
}

TEST(Conf, shows_no_secret_of_any_line_that_is_not_understood) {
    const Conf conf = read_conf(
        "psk=\"sesame01\"\nsesame02\nnetwork={ psk=\"sesame03\"\nssid=\"A\"\nsesame04\n"
        "passwort=\"sesame05\"\npsk=\"sesame06\"\nsae_password=\"sesame07\n"
        "bssid=sesame08\x01\n}\npassword=\"sesame09\"\ncred={\npassword=\"sesame10\"\n}\n");
    EXPECT_EQ(notes_of(conf).find("sesame"), std::string::npos) << notes_of(conf);
    EXPECT_EQ(conf.networks.size(), 1u);
    EXPECT_GE(conf.notes.size(), 8u);
}

TEST(Conf, without_a_word_about_keys_joins_by_wpa2_and_wpa3) {
    EXPECT_EQ(network_of("ssid=\"A\"\npsk=\"password\"").access,
              (Access{.psk = true, .sae = true}));
    EXPECT_EQ(network_of("ssid=\"A\"\nsae_password=\"x\"").access, Access{.sae = true});
    // A key is no password.
    EXPECT_EQ(network_of("ssid=\"A\"\npsk=" + std::string(64, 'a')).access, Access{.psk = true});
    EXPECT_EQ(network_of("ssid=\"A\"\npsk=\"" + std::string(64, 'a') + '"').access,
              Access{.psk = true});
}

TEST(Conf, takes_of_key_mgmt_what_there_is) {
    const auto access = [](const std::string& words) {
        return network_of("ssid=\"A\"\npsk=\"password\"\nkey_mgmt=" + words).access;
    };
    EXPECT_EQ(access("WPA-PSK"), Access{.psk = true});
    EXPECT_EQ(access("SAE"), Access{.sae = true});
    EXPECT_EQ(access("WPA-PSK  SAE"), (Access{.psk = true, .sae = true}));
    EXPECT_EQ(access("WPA-PSK WPA-EAP"), (Access{.psk = true, .eap = true}));
    EXPECT_EQ(access("FT-PSK"), Access{.psk = true});
    EXPECT_EQ(access("NONE"), Access{.open = true});
    EXPECT_EQ(access("NONE WPA-PSK"), Access{.psk = true});
    EXPECT_TRUE(network_of("ssid=\"A\"\npsk=\"password\"\nkey_mgmt=WPA-PSK-SHA256").psk_sha256);
}

TEST(Conf, takes_the_last_of_several_settings_of_one_name) {
    const Network network =
        network_of("ssid=\"A\"\npsk=\"password1\"\npsk=\"password2\"\nssid=\"B\"");
    EXPECT_EQ(network.ssid, "B");
    EXPECT_EQ(network.passphrase.reveal(), "password2");
}

TEST(Conf, keeps_the_order_priorities_and_what_is_passed_on) {
    const Conf conf = read_conf(
        "pmf=1\nnetwork={\nssid=\"A\"\npsk=\"password\"\npriority=-3\nfreq_list=2412 5180\n}\n"
        "network={\nssid=\"B\"\npsk=\"password\"\npriority=high\nieee80211w=2\n}\n");
    ASSERT_EQ(conf.networks.size(), 2u);
    EXPECT_EQ(conf.networks[0].priority, -3);
    EXPECT_EQ(conf.networks[0].more, std::vector{(Network::Setting{"freq_list", "2412 5180"})});
    EXPECT_EQ(conf.networks[0].frame_protection, FrameProtection::optional);
    EXPECT_EQ(conf.networks[1].priority, 0);
    EXPECT_EQ(conf.networks[1].frame_protection, FrameProtection::required);
    EXPECT_EQ(notes_of(conf), "line 11: priority= is not usable; expected a number");
}

TEST(Conf, with_a_missing_brace_gives_both_networks) {
    const Conf conf = read_conf(
        "network={\nssid=\"A\"\npsk=\"password\"\nnetwork={\nssid=\"B\"\npsk=\"password\"\n");
    ASSERT_EQ(conf.networks.size(), 2u);
    EXPECT_EQ(conf.networks[1].ssid, "B");
    EXPECT_EQ(conf.notes.size(), 2u);
    EXPECT_NE(conf.notes[0].find("line 1: the network has no \"}\""), std::string::npos);
    EXPECT_EQ(notes_of(read_conf("}\n")), "line 1: there is nothing that \"}\" could end");
}

TEST(Conf, takes_a_brace_in_a_password_for_no_block) {
    const Conf conf = read_conf("network={\nssid=\"A={\"\npsk=\"network={ x\"\n}\n");
    ASSERT_EQ(conf.networks.size(), 1u);
    EXPECT_EQ(conf.networks[0].ssid, "A={");
    EXPECT_EQ(notes_of(conf), "");
}

TEST(Conf, is_bounded) {
    std::string text;
    for (size_t i = 0; i < max_networks + 5; ++i)
        text += "network={\nssid=\"A\"\nkey_mgmt=NONE\n}\n";
    const Conf conf = read_conf(text);
    EXPECT_EQ(conf.networks.size(), max_networks);
    EXPECT_EQ(conf.notes.size(), 5u);
    EXPECT_NE(notes_of(read_conf(std::string(max_conf, '\n') + "country=DE")).find("longer"),
              std::string::npos);
}

TEST(Conf, country_is_two_letters_or_the_world) {
    EXPECT_EQ(read_conf("country=\"de\"").country, "DE");
    EXPECT_EQ(read_conf("country=00").country, "00");
    for (const char* const bad : {"Germany", "D", "", "0", "D3", "\"\""}) {
        const Conf conf = read_conf("country="s + bad);
        EXPECT_EQ(conf.country, "") << bad;
        EXPECT_EQ(conf.notes.size(), 1u) << bad;
    }
}

}  // namespace
}  // namespace bootwire::wifi
