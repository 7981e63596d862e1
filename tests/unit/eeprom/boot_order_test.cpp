#include "eeprom/boot_order.h"

#include <gtest/gtest.h>

namespace bootwire::eeprom {
namespace {

TEST(BootOrders, are_hexadecimal_and_empty_is_the_default) {
    EXPECT_EQ(parse_boot_order("0xf461").value_or(0), 0xf461u);
    EXPECT_EQ(parse_boot_order("0XF41").value_or(0), 0xf41u);
    EXPECT_EQ(parse_boot_order(" ").value_or(0), 0xf41u);
    EXPECT_EQ(parse_boot_order("0x1").value_or(0), 1u);
    for (const char* text :
         {"f41", "41", "0x", "0xg", "0x123456789", "-1", "0x1 2", "0xf81", "0xd"})
        EXPECT_FALSE(parse_boot_order(text)) << text;
}

TEST(BootOrders, get_the_network_behind_the_card) {
    const std::pair<uint32_t, uint32_t> cases[] = {
        {0xf461, 0xf4621},
        {0xf41, 0xf421},
        {0xf416, 0xf4216},
        {0x1, 0x21},
        {0xf1, 0xf21},
        {0x1461, 0x14621},
        {0xe41, 0xe421},
        {0xf461346, 0xf4621346},
        // No card, or one that is never reached: last, but before the end.
        {0xf64, 0xf264},
        {0x4, 0x24},
        {0x1f4, 0x1f24},
        {0x21f41, 0x21f421},
    };
    for (const auto& [before, after] : cases)
        EXPECT_EQ(with_network(before).value_or(0), after) << boot_order_text(before);
}

TEST(BootOrders, with_the_network_stay_as_they_are) {
    for (const uint32_t order : {0xf21u, 0x2u, 0xf25641u, 0xf1461462u}) {
        EXPECT_TRUE(has_network(order));
        EXPECT_EQ(with_network(order).value_or(0), order);
    }
    EXPECT_FALSE(has_network(0x2f41));  // after the restart
    EXPECT_FALSE(has_network(0x2e1));
}

TEST(BootOrders, of_eight_digits_have_no_room) {
    EXPECT_FALSE(with_network(0xf4614141));
}

TEST(BootOrders, are_told_in_the_order_in_which_they_are_tried) {
    EXPECT_EQ(boot_order_in_words(0xf4621), "SD card, network, NVMe, USB, again from the start");
    EXPECT_EQ(boot_order_in_words(0x12e1), "SD card, stop");
    EXPECT_EQ(boot_order_text(0xf4621), "0xf4621");
}

TEST(OrderWishes, are_to_add_the_network_to_keep_all_or_an_order) {
    EXPECT_EQ(parse_order_wish("").value().what, OrderWish::What::add_network);
    EXPECT_EQ(parse_order_wish("network").value().what, OrderWish::What::add_network);
    EXPECT_EQ(parse_order_wish("keep").value().what, OrderWish::What::keep);
    EXPECT_EQ(parse_order_wish("0xf21").value(), (OrderWish{OrderWish::What::set, 0xf21}));
    EXPECT_FALSE(parse_order_wish("none"));
}

}  // namespace
}  // namespace bootwire::eeprom
