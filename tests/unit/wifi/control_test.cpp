#include <gtest/gtest.h>

#include "wifi/escapes.h"
#include "wifi/event.h"
#include "wifi/orders.h"
#include "wifi/sight.h"

namespace bootwire::wifi {
namespace {

using namespace std::string_literals;

template <class T>
T event_of(std::string_view text) {
    const auto event = parse_event(text);
    if (!event || !std::holds_alternative<T>(*event)) {
        ADD_FAILURE() << text;
        return {};
    }
    return std::get<T>(*event);
}

const MacAddress some_point = *MacAddress::parse("02:00:00:00:03:00");

TEST(Event, tells_that_a_network_is_joined) {
    const auto connected = event_of<Connected>(
        "<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:03:00 completed [id=12 id_str=]");
    EXPECT_EQ(connected.access_point, some_point);
    EXPECT_EQ(connected.network, 12u);
    EXPECT_FALSE(parse_event("<3>CTRL-EVENT-CONNECTED - Connection to nobody [id=1 id_str=]"));
}

TEST(Event, tells_that_a_network_is_left) {
    const auto left =
        event_of<Disconnected>("<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:03:00 reason=15");
    EXPECT_EQ(left.access_point, some_point);
    EXPECT_EQ(left.reason, 15);
    EXPECT_FALSE(left.by_us);
    EXPECT_TRUE(event_of<Disconnected>("CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:03:00 reason=3 "
                                       "locally_generated=1")
                    .by_us);
}

TEST(Event, tells_why_a_network_is_given_up) {
    const auto wrong = event_of<GivenUp>(
        "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"Home\" auth_failures=1 duration=10 "
        "reason=WRONG_KEY");
    EXPECT_EQ(wrong.why, GivenUp::Why::wrong_key);
    EXPECT_EQ(wrong.ssid, "Home");
    EXPECT_EQ(
        event_of<GivenUp>("CTRL-EVENT-SSID-TEMP-DISABLED id=3 ssid=\"\" reason=CONN_FAILED").why,
        GivenUp::Why::no_answer);
    EXPECT_EQ(
        event_of<GivenUp>("CTRL-EVENT-SSID-TEMP-DISABLED id=3 ssid=\"\" reason=AUTH_FAILED").why,
        GivenUp::Why::other);
}

TEST(Event, is_not_taken_in_by_the_name_of_a_network) {
    const auto tricked = event_of<GivenUp>(
        "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"\\\" reason=WRONG_KEY \\\\\" "
        "auth_failures=1 duration=10 reason=CONN_FAILED");
    EXPECT_EQ(tricked.ssid, "\" reason=WRONG_KEY \\");
    EXPECT_EQ(tricked.why, GivenUp::Why::no_answer);
}

TEST(Event, tells_with_which_status_an_access_point_refuses) {
    const auto refused = event_of<AssociationRefused>(
        "<3>CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:03:00 status_code=17");
    EXPECT_EQ(refused.access_point, some_point);
    EXPECT_EQ(refused.status, 17);
    EXPECT_FALSE(refused.timed_out);
    EXPECT_TRUE(
        event_of<AssociationRefused>("<3>CTRL-EVENT-ASSOC-REJECT status_code=1 timeout").timed_out);
    EXPECT_TRUE(
        event_of<AssociationRefused>("<3>CTRL-EVENT-ASSOC-REJECT status_code=1 timeout=scan")
            .timed_out);
    const auto login = event_of<AuthenticationRefused>(
        "<3>CTRL-EVENT-AUTH-REJECT 02:00:00:00:03:00 auth_type=3 auth_transaction=2 "
        "status_code=15");
    EXPECT_EQ(login.access_point, some_point);
    EXPECT_EQ(login.algorithm, AuthenticationRefused::sae);
    EXPECT_EQ(login.transaction, 2);
    EXPECT_EQ(login.status, 15);
}

TEST(Event, is_one_of_those_that_say_their_name_alone) {
    event_of<Scanned>("<3>CTRL-EVENT-SCAN-RESULTS ");
    event_of<ScanFailed>("<3>CTRL-EVENT-SCAN-FAILED ret=-16 retry=1");
    event_of<NoneFound>("<3>CTRL-EVENT-NETWORK-NOT-FOUND ");
    event_of<Ending>("<3>CTRL-EVENT-TERMINATING ");
    EXPECT_EQ(
        event_of<ChannelChanged>("<3>CTRL-EVENT-CHANNEL-SWITCH freq=5180 ht_enabled=1").frequency,
        5180u);
}

TEST(Event, of_no_concern_is_none) {
    for (const char* const text :
         {"", "OK\n", "<3>", "<", "<3>CTRL-EVENT-BSS-ADDED 0 02:00:00:00:03:00",
          "<3>CTRL-EVENT-SCAN-STARTED ", "<3>Trying to associate with SSID 'CTRL-EVENT-CONNECTED '",
          "<3>CTRL-EVENT-STARTED-CHANNEL-SWITCH freq=5180", "<3>CTRL-EVENT-CONNECTED",
          "CTRL-EVENT-SSID-TEMP-DISABLED id=0"}) {
        EXPECT_FALSE(parse_event(text)) << text;
    }
}

TEST(Escapes, are_those_of_wpa_supplicant) {
    EXPECT_EQ(without_escapes("a\\\"b\\\\c\\n\\r\\t\\e\\x00\\xff"), "a\"b\\c\n\r\t\033\0\xff"s);
    EXPECT_EQ(without_escapes("\\x4z\\7\\1234\\q\\"), "\x04z\x07S4q");
}

std::vector<std::string> shown_orders(const Network& network, const Chip& chip) {
    std::vector<std::string> lines;
    for (const Order& order : network_orders(network, 4, chip)) {
        EXPECT_EQ(order.shown.find("the password"), std::string::npos);
        lines.push_back(order.shown.substr(std::string_view("SET_NETWORK 4 ").size()));
    }
    return lines;
}

Network home(const Access& access) {
    Network network;
    network.ssid = "A\n\xc3";
    network.access = access;
    network.passphrase = plan::Secret("the password");
    return network;
}

using Lines = std::vector<std::string>;
constexpr Chip with_sae{.sae = true};
constexpr Chip without_sae{};

TEST(Orders, join_by_wpa2_and_wpa3_where_the_chip_has_both) {
    const Network network = home({.psk = true, .sae = true});
    EXPECT_EQ(shown_orders(network, with_sae),
              (Lines{"ssid 410ac3", "key_mgmt SAE WPA-PSK", "ieee80211w 1", "psk *",
                     "bgscan \"simple:30:-72:600\""}));
    EXPECT_EQ(shown_orders(network, without_sae),
              (Lines{"ssid 410ac3", "key_mgmt WPA-PSK", "ieee80211w 0", "psk *",
                     "bgscan \"simple:30:-72:600\""}));
}

TEST(Orders, hold_the_password_where_they_are_sent_and_not_where_they_are_shown) {
    const auto orders = network_orders(home({.psk = true}), 4, without_sae);
    ASSERT_GE(orders.size(), 4u);
    EXPECT_EQ(orders[3].text.reveal(), "SET_NETWORK 4 psk \"the password\"");
    EXPECT_EQ(orders[3].shown, "SET_NETWORK 4 psk *");
    EXPECT_EQ(orders[0].text.reveal(), orders[0].shown);
}

TEST(Orders, of_wpa3_alone_want_protected_frames_and_a_chip_that_has_it) {
    Network network = home({.sae = true});
    network.sae_password = plan::Secret("\xff other password");
    network.frame_protection = FrameProtection::off;
    EXPECT_EQ(shown_orders(network, with_sae),
              (Lines{"ssid 410ac3", "key_mgmt SAE", "ieee80211w 2", "psk *", "sae_password *",
                     "bgscan \"simple:30:-72:600\""}));
    const auto orders = network_orders(network, 4, with_sae);
    EXPECT_EQ(orders[4].text.reveal(),
              "SET_NETWORK 4 sae_password ff206f746865722070617373776f7264");
    EXPECT_TRUE(network_orders(network, 4, without_sae).empty());
    EXPECT_FALSE(network.usable_with(without_sae));
}

TEST(Orders, of_an_open_network_have_no_key) {
    Network network = home({.open = true});
    network.hidden = true;
    network.priority = -7;
    network.more = {{"bgscan", "\"\""}, {"scan_freq", "2412"}};
    EXPECT_EQ(shown_orders(network, with_sae),
              (Lines{"ssid 410ac3", "scan_ssid 1", "key_mgmt NONE", "priority -7", "bgscan \"\"",
                     "scan_freq 2412"}));
}

TEST(Orders, take_a_key_of_64_digits_as_it_is) {
    Network network;
    ASSERT_TRUE(set_key(network, std::string(64, 'a')));
    network.ssid = "A";
    network.access = {.psk = true};
    network.psk_sha256 = true;
    network.frame_protection = FrameProtection::required;
    const auto orders = network_orders(network, 0, without_sae);
    ASSERT_EQ(orders.size(), 5u);
    EXPECT_EQ(orders[1].shown, "SET_NETWORK 0 key_mgmt WPA-PSK WPA-PSK-SHA256");
    EXPECT_EQ(orders[2].shown, "SET_NETWORK 0 ieee80211w 2");
    EXPECT_EQ(orders[3].text.reveal(), "SET_NETWORK 0 psk " + std::string(64, 'a'));
}

TEST(Orders, begin_with_the_country_if_one_is_known) {
    ASSERT_EQ(first_orders("DE").size(), 3u);
    EXPECT_EQ(first_orders("DE")[0].shown, "SET country DE");
    ASSERT_EQ(first_orders("").size(), 2u);
    EXPECT_EQ(first_orders("")[0].shown, "SET sae_pwe 2");
    EXPECT_EQ(first_orders("")[1].shown, "SET sae_groups 19");
}

constexpr std::string_view two_points =
    "id=0\nbssid=02:00:00:00:03:00\nfreq=2437\nlevel=-52\n"
    "flags=[WPA2-PSK+SAE-CCMP][SAE-H2E][ESS]\nssid=Home\\n\\x00\n====\n"
    "id=7\nbssid=02:00:00:00:04:00\nfreq=5180\nlevel=-80\nflags=[ESS]\nssid=\\x00\\x00\n####\n";

TEST(Sight, lists_access_points) {
    const Sight sight = parse_sight(two_points);
    ASSERT_EQ(sight.access_points.size(), 2u);
    EXPECT_FALSE(sight.next);
    const AccessPoint& first = sight.access_points[0];
    EXPECT_EQ(first.address, some_point);
    EXPECT_EQ(first.frequency, 2437u);
    EXPECT_EQ(first.level, -52);
    EXPECT_EQ(first.ssid, "Home\n\0"s);
    EXPECT_EQ(first.access, (Access{.psk = true, .sae = true}));
    EXPECT_EQ(sight.access_points[1].ssid, "");
    EXPECT_EQ(sight.access_points[1].access, Access{.open = true});
}

TEST(Sight, goes_on_where_an_answer_was_full) {
    const Sight sight = parse_sight(two_points.substr(0, two_points.find("id=7")));
    EXPECT_EQ(sight.access_points.size(), 1u);
    EXPECT_EQ(sight.next, 1u);
    EXPECT_EQ(look(*sight.next), "BSS RANGE=1- MASK=0x21887");
    EXPECT_FALSE(parse_sight("").next);
    EXPECT_FALSE(parse_sight("FAIL\n").next);
}

TEST(Sight, knows_how_access_points_let_in) {
    const auto access = [](const std::string& flags) {
        return parse_sight("id=0\nbssid=02:00:00:00:03:00\nfreq=2437\nlevel=-52\nflags=" + flags +
                           "\nssid=A\n####\n")
            .access_points.at(0)
            .access;
    };
    EXPECT_EQ(access("[WPA-PSK-TKIP][WPA2-PSK-CCMP+TKIP][ESS]"), Access{.psk = true});
    EXPECT_EQ(access("[WPA2-SAE-CCMP][ESS]"), Access{.sae = true});
    EXPECT_EQ(access("[WPA2-EAP-CCMP][ESS]"), Access{.eap = true});
    EXPECT_EQ(access("[WEP][ESS]"), Access{.wep = true});
    EXPECT_EQ(access("[WPA2-?][ESS]"), Access{});
    EXPECT_EQ(access("[SAE-H2E][ESS]"), Access{.open = true});
}

TEST(Sight, knows_channels) {
    EXPECT_EQ(channel(2412), 1u);
    EXPECT_EQ(channel(2472), 13u);
    EXPECT_EQ(channel(2484), 14u);
    EXPECT_EQ(channel(5180), 36u);
    EXPECT_EQ(channel(5885), 177u);
    EXPECT_EQ(channel(5955), 1u);
    EXPECT_EQ(channel(0), 0u);
    EXPECT_EQ(channel(900), 0u);
}

TEST(Address, of_a_settings_file_is_known) {
    EXPECT_TRUE(is_from_settings_file(*MacAddress::parse("b8:27:eb:74:f2:6c")));
    EXPECT_TRUE(is_from_settings_file(*MacAddress::parse("00:90:4c:c5:12:38")));
    EXPECT_FALSE(is_from_settings_file(*MacAddress::parse("b8:27:eb:74:f2:6d")));
}

TEST(Link, is_said_in_one_line) {
    const auto link = parse_link(
        "bssid=02:00:00:00:03:00\nfreq=2437\nssid=Home\nid=0\nmode=station\npairwise_cipher=CCMP\n"
        "group_cipher=CCMP\nkey_mgmt=SAE\npmf=1\nwpa_state=COMPLETED\n",
        "RSSI=-65\nLINKSPEED=72\nNOISE=9999\nFREQUENCY=5180\n");
    ASSERT_TRUE(link);
    EXPECT_EQ(link->to_string(), "\"Home\" on channel 36, -65 dBm, fair, by WPA3");
    EXPECT_EQ(parse_link("bssid=02:00:00:00:03:00\nfreq=2412\nssid=A\nkey_mgmt=NONE\n"
                         "wpa_state=COMPLETED\n",
                         "FAIL\n")
                  ->to_string(),
              "\"A\" on channel 1, open");
    EXPECT_FALSE(parse_link("wpa_state=SCANNING\n", ""));
    EXPECT_FALSE(parse_link("", ""));
}

}  // namespace
}  // namespace bootwire::wifi
