#include "plan/values.h"

#include <gtest/gtest.h>

namespace bootwire::plan {
namespace {

TEST(Values, host_and_port_in_every_form) {
    const auto shown = [](std::string_view text) {
        const auto parsed = parse_host_and_port(text);
        if (!parsed) return std::string("-");
        return to_string(parsed->host) + '|' + (parsed->port ? std::to_string(*parsed->port) : "");
    };
    EXPECT_EQ(shown("192.168.1.10"), "192.168.1.10|");
    EXPECT_EQ(shown("192.168.1.10:3261"), "192.168.1.10|3261");
    EXPECT_EQ(shown("nas.lan"), "nas.lan|");
    EXPECT_EQ(shown("nas_1.lan:3261"), "nas_1.lan|3261");
    EXPECT_EQ(shown("fd00::1"), "fd00::1|");
    EXPECT_EQ(shown("[fd00::1]"), "fd00::1|");
    EXPECT_EQ(shown("[fd00::1]:3260"), "fd00::1|3260");
    for (const char* text : {"", ":", ":3260", "nas:", "nas:0", "nas:65536", "[fd00::1", "[nas]:1",
                             "[192.168.1.1]:1", "fd00::1]:1", "192.168.1.300", "0.0.0.0",
                             "::", "-nas", "nas..lan", "a b", "nas:1:2x", "[fd00::1]3260"}) {
        EXPECT_EQ(shown(text), "-") << text;
    }
}

TEST(Values, modes_flags_and_waiting_times) {
    EXPECT_EQ(parse_mode("KEXEC"), Mode::kexec);
    EXPECT_FALSE(parse_mode("boot"));
    EXPECT_EQ(parse_flag("1"), true);
    EXPECT_EQ(parse_flag(""), true);
    EXPECT_EQ(parse_flag("0"), false);
    EXPECT_FALSE(parse_flag("2"));
    EXPECT_EQ(parse_modules_wish("OFF"), (ModulesWish{false, std::nullopt}));
    const auto by_http = parse_modules_wish("http://nas.lan:81/m");
    ASSERT_TRUE(by_http);
    EXPECT_EQ(by_http->to_string(), "http://nas.lan:81/m");
    EXPECT_EQ(parse_modules_wish("tftp://10.0.0.1/m")->to_string(), "tftp://10.0.0.1/m");
    for (const char* text : {"", "on", "https://nas.lan/m", "nas.lan/m", "http://nas.lan"})
        EXPECT_FALSE(parse_modules_wish(text)) << text;
    EXPECT_EQ(parse_overlay("no"), OverlayUse{});
    EXPECT_EQ(parse_overlay("RAM"), (OverlayUse{true, 0}));
    EXPECT_EQ(parse_overlay("ram,16m"), (OverlayUse{true, 16 << 20}));
    EXPECT_EQ(parse_overlay("ram,2G"), (OverlayUse{true, uint64_t{2} << 30}));
    EXPECT_EQ(parse_overlay("ram,4096G"), std::nullopt);
    for (const char* wrong : {"", "1", "disk", "ram,", "ram,M", "ram,512", "ram,15M", "ram,512K",
                              "ram, 512M", "ram,-1G", "ram,99999999999G", "ram512M"}) {
        EXPECT_EQ(parse_overlay(wrong), std::nullopt) << wrong;
    }
    EXPECT_EQ(parse_initramfs_use("Auto"), InitramfsUse::automatic);
    EXPECT_EQ(parse_initramfs_use("always"), InitramfsUse::always);
    EXPECT_EQ(parse_initramfs_use("never"), InitramfsUse::never);
    EXPECT_FALSE(parse_initramfs_use(""));
    EXPECT_EQ(parse_exclusive("1"), Exclusive::yes);
    EXPECT_EQ(parse_exclusive(""), Exclusive::yes);
    EXPECT_EQ(parse_exclusive("off"), Exclusive::no);
    EXPECT_EQ(parse_exclusive("preempt"), Exclusive::preempt);
    EXPECT_FALSE(parse_exclusive("2"));
    ASSERT_TRUE(parse_recovery("forever"));
    EXPECT_FALSE(*parse_recovery("forever")) << "no end";
    EXPECT_EQ(**parse_recovery("120"), std::chrono::seconds(120));
    EXPECT_FALSE(parse_recovery("86401"));
    EXPECT_FALSE(parse_recovery("-1"));
    EXPECT_EQ(parse_vlan("4094"), 4094);
    EXPECT_FALSE(parse_vlan("0"));
    EXPECT_FALSE(parse_vlan("4095"));
}

TEST(Values, which_portals_a_lost_session_may_come_back_by) {
    EXPECT_EQ(parse_named_only("named"), true);
    EXPECT_EQ(parse_named_only("all"), false);
    EXPECT_FALSE(parse_named_only(""));
    EXPECT_FALSE(parse_named_only("some"));
}

TEST(Patience, is_seconds_up_to_an_hour) {
    EXPECT_EQ(parse_patience("0"), std::chrono::seconds(0));
    EXPECT_EQ(parse_patience("3600"), std::chrono::seconds(3600));
    for (const char* text : {"", "3601", "-1", "forever", "90s"})
        EXPECT_FALSE(parse_patience(text)) << text;
}

TEST(IpSetting, asks_for_dhcp_in_the_kernels_words) {
    for (const char* text : {"dhcp", "on", "any", "both", "bootp", "::::::dhcp", ":::::eth0:"}) {
        const auto ip = parse_ip_setting(text);
        ASSERT_TRUE(ip) << text;
        EXPECT_FALSE(ip->address) << text;
    }
    const auto named = parse_ip_setting("::::pi4:eth0:dhcp");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->host_name, "pi4");
    EXPECT_EQ(named->device, "eth0");
}

TEST(IpSetting, is_static_with_a_client_address) {
    const auto ip = parse_ip_setting(
        "192.168.1.20::192.168.1.1:255.255.255.128:pi4:eth0:off:192.168.1.2:8.8.8.8:192.168.1.3");
    ASSERT_TRUE(ip);
    ASSERT_TRUE(ip->address);
    EXPECT_EQ(ip->address->address.to_string(), "192.168.1.20/25");
    EXPECT_EQ(ip->address->gateway->to_string(), "192.168.1.1");
    EXPECT_EQ(ip->host_name, "pi4");
    EXPECT_EQ(ip->device, "eth0");
    ASSERT_EQ(ip->dns_servers.size(), 2u);
    EXPECT_EQ(ip->dns_servers[1].to_string(), "8.8.8.8");
    ASSERT_EQ(ip->ntp_servers.size(), 1u);
}

TEST(IpSetting, has_the_mask_of_the_class_when_none_is_given) {
    EXPECT_EQ(parse_ip_setting("192.168.1.20")->address->address.length, 24);
    EXPECT_EQ(parse_ip_setting("10.1.2.3:::")->address->address.length, 8);
    EXPECT_EQ(parse_ip_setting("10.1.2.3:::16")->address->address.length, 16);
    EXPECT_FALSE(parse_ip_setting("10.1.2.3")->address->gateway);
}

TEST(IpSetting, takes_ipv6_in_brackets) {
    const auto ip = parse_ip_setting("[fd00::2]::[fd00::1]:56::eth0:off");
    ASSERT_TRUE(ip && ip->address);
    EXPECT_EQ(ip->address->address.to_string(), "fd00::2/56");
    EXPECT_EQ(ip->address->gateway->to_string(), "fd00::1");
    EXPECT_EQ(parse_ip_setting("[fd00::2]")->address->address.length, 64);
}

TEST(IpSetting, refuses_what_would_leave_the_board_without_address) {
    for (const char* text :
         {"", "off", "none", "dhcp6", "eth0:dhcp", "192.168.1", "192.168.1.20:::255.0.255.0",
          "192.168.1.20:::33", "192.168.1.20::nas", "192.168.1.20::[fd00::1]", "fd00::2",
          "[fd00::2", "::::::off", "0.0.0.0", "::::a b:eth0:dhcp", ":::::eth0/1:dhcp",
          ":::::averylonginterface:dhcp", "::::::::::::", "::::::dhcp:x"}) {
        EXPECT_FALSE(parse_ip_setting(text)) << text;
    }
}

TEST(Values, reach_to_the_ends_of_their_ranges) {
    EXPECT_EQ(parse_port("1"), 1);
    EXPECT_EQ(parse_port("65535"), 65535);
    EXPECT_FALSE(parse_port("0"));
    EXPECT_FALSE(parse_port("65536"));
    EXPECT_EQ(parse_vlan("1"), 1);
    EXPECT_EQ(**parse_recovery("0"), std::chrono::seconds(0));
    EXPECT_EQ(**parse_recovery("86400"), std::chrono::seconds(86400));
}

TEST(Values, have_the_words_that_they_are_written_with) {
    for (const Mode mode : {Mode::pivot, Mode::kexec, Mode::usb})
        EXPECT_EQ(parse_mode(to_string(mode)), mode);
    EXPECT_EQ(to_string(Mode::usb), "usb");
    for (const Exclusive each : {Exclusive::no, Exclusive::yes, Exclusive::preempt})
        EXPECT_EQ(parse_exclusive(to_string(each)), each);
    for (const auto each : {InitramfsUse::automatic, InitramfsUse::always, InitramfsUse::never})
        EXPECT_EQ(parse_initramfs_use(to_string(each)), each);
    EXPECT_EQ(parse_fallback("Pivot"), Fallback::pivot);
    EXPECT_EQ(parse_fallback("none"), Fallback::none);
    EXPECT_FALSE(parse_fallback("kexec"));
    EXPECT_EQ(to_string(Fallback::pivot), "pivot");
    EXPECT_EQ(to_string(Fallback::none), "none");
    EXPECT_EQ(parse_read_only("RO"), true);
    EXPECT_EQ(parse_read_only("rw"), false);
    EXPECT_FALSE(parse_read_only(""));
    for (const char* yes : {"", "1", "y", "yes", "on"})
        EXPECT_EQ(parse_flag(yes), true) << yes;
    for (const char* no : {"0", "n", "no", "off"})
        EXPECT_EQ(parse_flag(no), false) << no;
}

TEST(TftpPrefixes, are_three_words) {
    EXPECT_EQ(parse_tftp_prefix("serial"), TftpPrefix::serial);
    EXPECT_EQ(parse_tftp_prefix("mac"), TftpPrefix::mac);
    EXPECT_EQ(parse_tftp_prefix("none"), TftpPrefix::none);
    EXPECT_FALSE(parse_tftp_prefix(""));
}

TEST(Host, is_no_unspecified_address_and_has_no_half_brackets) {
    for (const char* text : {"[::]", "[", "[]", "[fd00::1", "fd00::1]", "[10.0.0.1]", "0.0.0.0"})
        EXPECT_FALSE(parse_host(text)) << text;
    EXPECT_EQ(to_string(*parse_host("[fd00::1]")), "fd00::1");
    EXPECT_EQ((Portal{*parse_host("fd00::1"), 3260}.to_string()), "[fd00::1]:3260");
    EXPECT_EQ((Portal{*parse_host("nas.lan"), 3260}.to_string()), "nas.lan:3260");
}

TEST(IpSetting, has_masks_of_up_to_all_bits) {
    const auto length = [](std::string_view text) {
        const auto ip = parse_ip_setting(text);
        return ip && ip->address ? static_cast<int>(ip->address->address.length) : -1;
    };
    EXPECT_EQ(length("10.1.2.3:::0"), 0);
    EXPECT_EQ(length("10.1.2.3:::32"), 32);
    EXPECT_EQ(length("10.1.2.3:::33"), -1);
    EXPECT_EQ(length("10.1.2.3:::255.255.255.255"), 32);
    EXPECT_EQ(length("10.1.2.3:::[fd00::1]"), -1);
    EXPECT_EQ(length("[fd00::2]:::128"), 128);
    EXPECT_EQ(length("[fd00::2]:::129"), -1);
    EXPECT_EQ(length("[fd00::2]:::255.255.255.0"), -1);
}

TEST(IpSetting, has_ten_fields_of_which_addresses_of_zeros_are_none) {
    const auto ip = parse_ip_setting("10.1.2.3::0.0.0.0:::::0.0.0.0:8.8.8.8:0.0.0.0");
    ASSERT_TRUE(ip && ip->address);
    EXPECT_FALSE(ip->address->gateway);
    ASSERT_EQ(ip->dns_servers.size(), 1u);
    EXPECT_TRUE(ip->ntp_servers.empty());
    EXPECT_FALSE(parse_ip_setting("10.1.2.3:::::::::1.1.1.1:"));
    for (const char* text : {"10.1.2.3:::::::nas", "10.1.2.3::[fd00::1", "10.1.2.3::]fd00::1[",
                             "10.1.2.3::[[fd00::1]]", "[]", "[::]"}) {
        EXPECT_FALSE(parse_ip_setting(text)) << text;
    }
}

TEST(IpSetting, has_a_device_name_of_up_to_15_characters) {
    EXPECT_EQ(parse_ip_setting(":::::enp0s31f6abcde1:dhcp")->device, "enp0s31f6abcde1");
    EXPECT_FALSE(parse_ip_setting(":::::enp0s31f6abcde12:dhcp"));
    for (const char* name : {".", "..", "a/b", "a b", "\x7f"})
        EXPECT_FALSE(parse_ip_setting(":::::" + std::string(name) + ":dhcp")) << name;
    EXPECT_EQ(parse_ip_setting(":::::...:dhcp")->device, "...");
}

}  // namespace
}  // namespace bootwire::plan
