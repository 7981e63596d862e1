#include "handoff/interfaces_file.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace bootwire::handoff {
namespace {

const BootInterface eth0{{"eth0"}, {{0xdc, 0xa6, 0x32, 1, 2, 3}}, {}, {}, ""};
const BootInterface vlan{{"eth0.5", "eth0"}, {{0xdc, 0xa6, 0x32, 1, 2, 3}}, {}, {}, ""};

QuietInterfaces without_eth0(std::string_view file) {
    return interfaces_without(file, eth0);
}

/// What the file has become, without the note at its beginning and the line behind its end.
std::string lines(std::string_view file, const BootInterface& interface = eth0) {
    const std::string text = interfaces_without(file, interface).text;
    EXPECT_TRUE(text.starts_with(cover_note));
    std::string rest = text.substr(sizeof cover_note - 1);
    while (rest.ends_with("\n\n"))
        rest.pop_back();
    return rest == "\n" ? "" : rest;
}

TEST(InterfacesFile, loses_the_boot_interface_and_nothing_else) {
    const std::string text = without_eth0(
                                 "# comment\n"
                                 "source /etc/network/interfaces.d/*\n"
                                 "auto lo eth0\n"
                                 "iface lo inet loopback\n"
                                 "allow-hotplug eth0\n"
                                 "iface eth0 inet static\n"
                                 "    address 10.0.0.5/24\n"
                                 "    gateway 10.0.0.1\n"
                                 "iface eth0 inet6 auto\n"
                                 "    privext 2\n"
                                 "auto eth1\n"
                                 "iface eth1 inet dhcp\n"
                                 "    metric 5\n")
                                 .text;
    EXPECT_NE(text.find("auto lo\n"), text.npos);
    EXPECT_EQ(text.find("allow-hotplug"), text.npos);
    EXPECT_NE(text.find("iface eth0 inet manual\n"), text.npos);
    EXPECT_NE(text.find("iface eth0 inet6 manual\n"), text.npos);
    EXPECT_EQ(text.find("gateway"), text.npos);
    EXPECT_EQ(text.find("privext"), text.npos);
    EXPECT_NE(text.find("iface eth1 inet dhcp\n    metric 5\n"), text.npos);
    EXPECT_NE(text.find("source /etc/network/interfaces.d/*\n"), text.npos);
}

TEST(InterfacesFile, with_continued_lines_is_understood) {
    EXPECT_EQ(lines("auto \\\n eth0 \\\n eth1"), "auto eth1\n");
}

TEST(InterfacesFile, with_a_name_over_two_lines_is_understood) {
    EXPECT_EQ(lines("auto et\\\nh0 eth1\niface et\\\nh0 inet dhcp\n"),
              "auto eth1\niface eth0 inet manual\n");
    EXPECT_EQ(lines("au\\\nto lo\\\n eth0\n"), "auto lo\n");
}

TEST(InterfacesFile, has_comments_that_a_backslash_does_not_continue) {
    EXPECT_EQ(lines("# one \\\nauto eth0 eth1\n  #two\\\nallow-hotplug eth0\n"),
              "# one \\\nauto eth1\n  #two\\\n");
}

TEST(InterfacesFile, has_words_between_any_white_space) {
    EXPECT_EQ(lines("auto\veth0\feth1\r\n"), "auto eth1\n");
    EXPECT_EQ(lines("\viface\feth0\vinet\vdhcp\n up x\n"), "iface eth0 inet manual\n");
}

TEST(InterfacesFile, goes_on_while_there_are_backslashes) {
    EXPECT_EQ(lines("auto eth\\\\\n\n0 eth1\n"), "auto eth1\n");
    EXPECT_EQ(lines("auto eth0\\\\\\"), "");
    EXPECT_EQ(lines("auto eth0\\\\\\\n"), "");
    EXPECT_EQ(lines("auto x\\ eth0\niface y inet manual\n"), "auto x\\ \niface y inet manual\n");
}

TEST(InterfacesFile, has_lines_that_a_nul_ends) {
    EXPECT_EQ(lines({"auto eth0\0x \\\nauto eth1\n", 24}), "auto eth1\n");
    EXPECT_EQ(lines({"allow-hotplug eth0\0\n", 20}), "");
}

TEST(InterfacesFile, that_does_not_concern_the_interface_stays) {
    for (const char* file :
         {"auto lo\niface lo inet loopback\n", "auto eth00 /wlan* mac/00:11:22:33:44:55\n",
          "auto /en*=dhcp\nmapping wl*\n    script x\n",
          "iface br0 inet dhcp\n  bridge_ports eth1\n", "# eth0\n", ""}) {
        const QuietInterfaces quiet = without_eth0(file);
        EXPECT_FALSE(quiet.changed) << file;
        EXPECT_TRUE(quiet.warnings.empty()) << file;
        EXPECT_EQ(quiet.text, std::string(cover_note) + file + "\n");
    }
}

TEST(InterfacesFile, has_no_logical_interface_for_the_boot_interface) {
    EXPECT_EQ(lines("auto eth0=home eth1=home\niface home inet dhcp\n"),
              "auto eth1=home\niface home inet dhcp\n");
    EXPECT_EQ(lines("rename eth0=lan0\nauto lan0\n"), "auto lan0\n");
    EXPECT_EQ(lines("mapping eth0\n  script x\n  map y\nauto eth1\n"), "auto eth1\n");
    EXPECT_EQ(lines("mapping eth*\n  script x\n"), "mapping eth eth[!0]* eth0?*\n  script x\n");
}

TEST(InterfacesFile, keeps_stanzas_valid_that_name_no_family) {
    EXPECT_EQ(lines("iface eth0 inherits home\n  mtu 1400\n"), "iface eth0 inet manual\n");
    EXPECT_EQ(lines("iface eth0\n"), "iface eth0 inet manual\n");
}

/// The interfaces that ifup(8) would find for a list line with patterns.
std::string chosen(const std::string& line, const BootInterface& interface = eth0) {
    std::string found;
    const std::string rest = lines(line, interface);
    for (const char* name :
         {"lo", "eth", "eth0", "eth00", "eth0.5", "eth0.7", "eth1", "en0", "e"}) {
        for (const std::string_view word : split_words(rest)) {
            const std::string pattern(word.substr(word.find('/') + 1, word.find('=') - 1));
            if (word.starts_with('/') && fnmatch(pattern.c_str(), name, 0) == 0) {
                found += std::string(found.empty() ? "" : " ") + name;
            }
        }
    }
    return found;
}

TEST(InterfacesFile, has_patterns_for_all_but_the_boot_interface) {
    EXPECT_EQ(lines("auto /eth*\n"), "auto /eth /eth[!0]* /eth0?*\n");
    EXPECT_EQ(lines("allow-hotplug /eth0*=x\n"), "allow-hotplug /eth0?*=x\n");
    EXPECT_EQ(chosen("allow-hotplug /eth*\n"), "eth eth00 eth0.5 eth0.7 eth1");
    EXPECT_EQ(chosen("auto /*\n"), "lo eth eth00 eth0.5 eth0.7 eth1 en0 e");
    EXPECT_EQ(chosen("auto /e*=home\n"), "eth eth00 eth0.5 eth0.7 eth1 en0 e");
    EXPECT_EQ(chosen("auto /eth*\n", vlan), "eth eth00 eth0.7 eth1");
    EXPECT_TRUE(without_eth0("auto /eth*\n").warnings.empty());
}

TEST(InterfacesFile, loses_what_may_mean_the_boot_interface_and_says_so) {
    for (const char* word : {"/e[tn]h0", "/eth?", "/eth*/1", "mac/DC:A6:32:*",
                             "mac/dc:a6:32:01:02:03=x", "operstate/up"}) {
        const QuietInterfaces quiet = without_eth0("auto lo " + std::string(word) + "\n");
        EXPECT_TRUE(quiet.changed) << word;
        EXPECT_EQ(quiet.text, std::string(cover_note) + "auto lo\n\n") << word;
        ASSERT_EQ(quiet.warnings.size(), 1u) << word;
        EXPECT_NE(quiet.warnings[0].find(word), std::string::npos);
    }
}

TEST(InterfacesFile, makes_the_boot_interface_no_part_of_a_bridge_or_bond) {
    const auto option = [](const std::string& line) {
        const QuietInterfaces quiet = without_eth0("iface br0 inet dhcp\n" + line + "\n");
        EXPECT_EQ(quiet.warnings.size(), 1u) << line;
        EXPECT_TRUE(quiet.changed);
        return quiet.text.substr(quiet.text.find("dhcp\n") + 5);
    };
    EXPECT_EQ(option("  bridge_ports eth0 eth1"), "    bridge_ports eth1\n\n");
    EXPECT_EQ(option("  bridge-ports eth0"), "    bridge-ports none\n\n");
    EXPECT_EQ(option("  bridge_ports all"), "    bridge_ports none\n\n");
    EXPECT_EQ(option("  bridge_ports regex eth.* noregex"), "    bridge_ports none\n\n");
    EXPECT_EQ(option("  bond-slaves eth1 eth0"), "    bond-slaves eth1\n\n");
}

}  // namespace
}  // namespace bootwire::handoff
