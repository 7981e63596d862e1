#include "base/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace bootwire {
namespace {

TEST(IpAddress, parses_and_prints_both_families) {
    EXPECT_EQ(IpAddress::parse("192.168.1.10")->to_string(), "192.168.1.10");
    EXPECT_EQ(IpAddress::parse("fd00:0::1")->to_string(), "fd00::1");
    EXPECT_EQ(IpAddress::parse("192.168.1.10"), IpAddress::v4(0xc0a8010a));
}

TEST(IpAddress, refuses_what_is_not_exactly_an_address) {
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4", "[::1]", "::1%eth0",
                             "name", "1.2.3.4:80"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

/// What the C library takes the text for.
std::optional<IpAddress> by_inet_pton(const std::string& text) {
    IpAddress address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
    address = {IpAddress::Family::v6, {}};
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::string by_inet_ntop(const IpAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.bytes.data(), text, sizeof text);
    return text;
}

/// All texts of that many pieces.
void for_all_texts(size_t length, const std::vector<std::string>& pieces,
                   const std::function<void(const std::string&)>& act,
                   const std::string& text = "") {
    act(text);
    if (length == 0) return;
    for (const std::string& piece : pieces)
        for_all_texts(length - 1, pieces, act, text + piece);
}

TEST(IpAddress, takes_every_short_text_for_what_inet_pton_takes_it_for) {
    size_t taken = 0;
    const auto compare = [&](const std::string& text) {
        const auto address = IpAddress::parse(text);
        ASSERT_EQ(address, by_inet_pton(text)) << text;
        taken += address ? 1 : 0;
    };
    for_all_texts(8, {"1", "0", ".", ":", "a"}, compare);
    for_all_texts(7, {"255", "256", "0", "10", "."}, compare);
    for_all_texts(8, {"::", ":", "F0e1", "0", "1.2.3.4"}, compare);
    for_all_texts(5, {"::", ":1:2:3", "a:b:c:d", ":", "00001", "1.2.3.4", "g", " ", "%1"}, compare);
    EXPECT_GT(taken, 1000u);
}

TEST(IpAddress, takes_random_addresses_with_small_faults_for_what_inet_pton_takes_them_for) {
    std::mt19937 random(7143);
    const std::string characters = "0123456789abcdefABCDEFg.:/% ";
    size_t taken = 0;
    for (int i = 0; i < 100'000; ++i) {
        IpAddress address;
        if (random() % 4 != 0) address.family = IpAddress::Family::v6;
        for (size_t at = 0; at < address.network_bytes().size(); ++at)
            address.bytes[at] = random() % 3 == 0 ? static_cast<uint8_t>(random()) : 0;
        std::string text = by_inet_ntop(address);
        ASSERT_EQ(address.to_string(), text);
        ASSERT_EQ(IpAddress::parse(text), address) << text;
        for (size_t faults = random() % 3; faults > 0; --faults) {
            const size_t at = random() % (text.size() + 1);
            const char c = characters[random() % characters.size()];
            text.replace(at, random() % 2, random() % 2, c);
        }
        const auto parsed = IpAddress::parse(text);
        ASSERT_EQ(parsed, by_inet_pton(text)) << text;
        taken += parsed ? 1 : 0;
    }
    EXPECT_GT(taken, 1000u);
}

TEST(IpAddress, is_written_as_inet_ntop_writes_it_wherever_its_zeros_are) {
    for (unsigned groups = 0; groups < 256; ++groups) {
        for (const uint16_t value : {0x1, 0xffff, 0x0a0b, 0xf}) {
            IpAddress address{IpAddress::Family::v6, {}};
            for (size_t i = 0; i < 8; ++i) {
                if ((groups >> i & 1) == 0) continue;
                address.bytes[2 * i] = static_cast<uint8_t>(value >> 8);
                address.bytes[2 * i + 1] = static_cast<uint8_t>(value);
            }
            EXPECT_EQ(address.to_string(), by_inet_ntop(address));
        }
    }
}

TEST(IpPrefix, contains_the_addresses_of_its_network_only) {
    const auto prefix = *IpPrefix::parse("10.1.2.3/20");
    EXPECT_TRUE(prefix.contains(IpAddress::v4(10, 1, 15, 255)));
    EXPECT_FALSE(prefix.contains(IpAddress::v4(10, 1, 16, 0)));
    EXPECT_FALSE(prefix.contains(*IpAddress::parse("::1")));
    EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(IpAddress::v4(8, 8, 8, 8)));
    EXPECT_FALSE(IpPrefix::parse("10.0.0.1/33"));
    EXPECT_FALSE(IpPrefix::parse("10.0.0.1"));
}

TEST(Netmask, gives_a_prefix_length_unless_it_has_holes) {
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(255, 255, 255, 0)), 24);
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(0, 0, 0, 0)), 0);
    EXPECT_EQ(prefix_length_of_netmask(IpAddress::v4(255, 0, 255, 0)), std::nullopt);
}

TEST(MacAddress, parses_colons_and_dashes) {
    EXPECT_EQ(MacAddress::parse("DC-a6-32-01-02-ff")->to_string(), "dc:a6:32:01:02:ff");
    EXPECT_FALSE(MacAddress::parse("dc:a6:32:01:02"));
    EXPECT_FALSE(MacAddress::parse("dc:a6:32:01:02:0g"));
}

TEST(Endpoint, brackets_an_ipv6_address) {
    EXPECT_EQ((Endpoint{*IpAddress::parse("fd00::1"), 3260}).to_string(), "[fd00::1]:3260");
}

}  // namespace
}  // namespace bootwire
