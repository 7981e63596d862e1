#include "wifi/account.h"

#include <gtest/gtest.h>

namespace bootwire::wifi {
namespace {

constexpr Chip with_sae{.sae = true};
constexpr Chip without_sae{};
constexpr Access wpa2{.psk = true};
constexpr Access wpa3{.sae = true};
constexpr Access both{.psk = true, .sae = true};

MacAddress address(uint8_t last) {
    return {{2, 0, 0, 0, 0, last}};
}

AccessPoint point(const char* ssid, int level, const Access& access = wpa2, uint8_t last = 1) {
    return {address(last), 2412, level, access, ssid};
}

std::vector<Network> networks(std::initializer_list<const char*> names,
                              const Access& access = wpa2) {
    std::vector<Network> list;
    for (const char* const name : names) {
        Network network;
        network.ssid = name;
        network.access = access;
        list.push_back(std::move(network));
    }
    return list;
}

std::string said(const Account& account) {
    return account.sum_up().error.to_string();
}

TEST(Account, without_a_network_says_how_to_name_one) {
    const auto none = networks({});
    const Failure failure = Account(none, with_sae).sum_up();
    EXPECT_EQ(failure.obstacle, Obstacle::nothing_named);
    EXPECT_EQ(failure.error.remedy, Remedy::operator_must_act);
}

TEST(Account, of_an_absent_network_names_the_five_strongest_that_are_there) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    EXPECT_EQ(said(account),
              "no Wi-Fi network \"Home\" is in range, nor any other one (is the "
              "antenna free of metal, and the access point on?)");
    account.seen({point("C", -70), point("A", -50), point("", -20), point("A", -40),
                  point("B", -60), point("F", -95), point("E", -90), point("D", -80)});
    const Failure failure = account.sum_up();
    EXPECT_EQ(failure.obstacle, Obstacle::none_in_range);
    EXPECT_EQ(failure.error.remedy, Remedy::waiting_helps);
    EXPECT_EQ(failure.error.what,
              "no Wi-Fi network \"Home\" is in range; there are \"A\" (-40 dBm), \"B\" (-60 dBm), "
              "\"C\" (-70 dBm), \"D\" (-80 dBm), \"E\" (-90 dBm)");
    EXPECT_NE(failure.error.hint.find("wifi.hidden=1"), std::string::npos);
}

TEST(Account, asks_whether_a_similar_name_is_meant) {
    const auto asked = networks({"Other", "my home-net"});
    Account account(asked, with_sae);
    account.seen({point("Cafe", -50), point("MyHomeNet", -60)});
    EXPECT_EQ(
        said(account),
        "none of the 2 Wi-Fi networks is in range; there are \"Cafe\" (-50 dBm), \"MyHomeNet\" "
        "(-60 dBm) (is \"MyHomeNet\" meant? Capitals and blanks count)");
}

TEST(Account, tells_a_wrong_password_of_wpa2) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    account.seen({point("Home", -50)});
    account.happened(GivenUp{0, "Home", GivenUp::Why::wrong_key});
    EXPECT_EQ(account.sum_up().obstacle, Obstacle::wrong_password);
    EXPECT_NE(said(account).find("\"Home\" does not take the password"), std::string::npos);
}

TEST(Account, tells_a_wrong_password_of_wpa3) {
    const auto asked = networks({"Home"}, wpa3);
    Account account(asked, with_sae);
    account.seen({point("Home", -50, wpa3)});
    account.happened(AuthenticationRefused{address(1), AuthenticationRefused::sae, 2, 15});
    EXPECT_EQ(account.sum_up().obstacle, Obstacle::wrong_password);
}

TEST(Account, tells_with_which_status_it_was_refused) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    account.seen({point("Home", -50)});
    account.happened(AssociationRefused{address(1), 17});
    EXPECT_EQ(account.sum_up().obstacle, Obstacle::refused);
    EXPECT_EQ(said(account),
              "the Wi-Fi network \"Home\" refuses this Pi: it has no room for another device "
              "(status 17) (switch one off, or let it take more)");
    account.happened(AssociationRefused{address(1), 4711});
    EXPECT_NE(said(account).find("refuses this Pi: status 4711 ("), std::string::npos);
    account.happened(AuthenticationRefused{address(1), AuthenticationRefused::sae, 1, 77});
    EXPECT_NE(said(account).find("(status 77)"), std::string::npos);
}

TEST(Account, forgets_what_stood_in_the_way_of_a_network_that_was_joined_since) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    account.seen({point("Home", -50)});
    account.happened(GivenUp{0, "Home", GivenUp::Why::wrong_key});
    account.happened(Connected{address(1), 0});
    EXPECT_EQ(account.sum_up().obstacle, Obstacle::no_answer);
}

TEST(Account, does_not_lay_at_our_door_what_a_foreign_access_point_says) {
    const auto asked = networks({"Home", "Office"});
    Account account(asked, with_sae);
    account.seen({point("Home", -50), point("Cafe", -50, wpa2, 2)});
    account.happened(AssociationRefused{address(2), 17});
    account.happened(AssociationRefused{address(3), 17});
    account.happened(AssociationRefused{std::nullopt, 17});
    EXPECT_EQ(account.sum_up().obstacle, Obstacle::no_answer);
}

TEST(Account, tells_that_a_network_has_another_kind_of_security) {
    const auto hint = [](const Access& ours, const Access& theirs, const Chip& chip) {
        const auto asked = networks({"Home"}, ours);
        Account account(asked, chip);
        account.seen({point("Home", -50, theirs)});
        EXPECT_EQ(account.sum_up().obstacle, Obstacle::does_not_fit);
        return said(account);
    };
    EXPECT_NE(hint(both, wpa3, without_sae).find("chip has no WPA3"), std::string::npos);
    EXPECT_NE(hint(wpa2, wpa3, with_sae).find("key_mgmt=WPA-PSK SAE"), std::string::npos);
    EXPECT_NE(hint(wpa3, wpa2, with_sae).find("by WPA2 only"), std::string::npos);
    EXPECT_NE(hint(wpa2, {.open = true}, with_sae).find("is open"), std::string::npos);
    EXPECT_NE(hint(wpa2, {.wep = true}, with_sae).find("WEP"), std::string::npos);
    EXPECT_NE(hint(wpa2, {.eap = true}, with_sae).find("certificates"), std::string::npos);
    EXPECT_NE(hint(wpa2, {}, with_sae).find("another kind"), std::string::npos);
}

TEST(Account, of_a_network_that_does_not_answer_tells_how_strong_it_is) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    account.seen({point("Home", -85), point("Home", -88, wpa2, 2)});
    account.happened(AssociationRefused{address(1), 0, true});
    EXPECT_EQ(said(account),
              "the Wi-Fi network \"Home\" does not answer, at -85 dBm, very weak "
              "(bring the two nearer to each other)");
    account.seen({});
    EXPECT_NE(said(account).find("out of range now"), std::string::npos);
}

TEST(Account, of_several_networks_tells_the_one_that_came_furthest) {
    const auto asked = networks({"Away", "Home", "Full"});
    Account account(asked, with_sae);
    account.seen({point("Home", -50, wpa2, 1), point("Full", -50, wpa2, 2)});
    account.happened(AssociationRefused{address(2), 17});
    EXPECT_NE(said(account).find("\"Full\" refuses"), std::string::npos);
    account.happened(GivenUp{1, "Home", GivenUp::Why::wrong_key});
    EXPECT_NE(said(account).find("\"Home\" does not take"), std::string::npos);
}

TEST(Account, remarks_that_a_chip_without_wpa3_has_joined_by_wpa2) {
    const auto asked = networks({"Home"}, both);
    Link link{.ssid = "Home", .access_point = address(1)};
    Account old(asked, without_sae);
    old.seen({point("Home", -50, both)});
    EXPECT_EQ(old.remark(link), "\"Home\" has WPA3, too, which this Pi's chip does not have");
    Account young(asked, with_sae);
    young.seen({point("Home", -50, both)});
    EXPECT_EQ(young.remark(link), "");
    old.seen({point("Home", -50)});
    EXPECT_EQ(old.remark(link), "");
}

TEST(Account, shows_names_from_the_air_without_what_moves_a_cursor) {
    const auto asked = networks({"Home"});
    Account account(asked, with_sae);
    account.seen({point("\033[2J", -50)});
    EXPECT_EQ(said(account).find('\033'), std::string::npos);
}

TEST(Status, has_a_text_whatever_the_number) {
    EXPECT_EQ(status_text(17), "it has no room for another device (status 17)");
    EXPECT_EQ(status_text(65535), "status 65535");
}

}  // namespace
}  // namespace bootwire::wifi
