#include "session/reservation_key.h"

#include <gtest/gtest.h>

namespace bootwire::session {
namespace {

TEST(ReservationKey, is_the_serial_number_of_a_pi) {
    const MacAddress mac{{0xdc, 0xa6, 0x32, 1, 2, 3}};
    EXPECT_EQ(reservation_key("10000000a0770001", mac), 0x10000000a0770001u);
    EXPECT_EQ(reservation_key("9f2a3c41", mac), 0x9f2a3c41u);
}

TEST(ReservationKey, is_never_zero_and_differs_where_serials_say_nothing) {
    const MacAddress one{{0xdc, 0xa6, 0x32, 1, 2, 3}}, two{{0xdc, 0xa6, 0x32, 1, 2, 4}};
    for (const char* serial : {"", "0", "0000000000000000"}) {
        EXPECT_NE(reservation_key(serial, one), 0u);
        EXPECT_NE(reservation_key(serial, one), reservation_key(serial, two));
    }
    EXPECT_NE(reservation_key("board-1", one), reservation_key("board-2", one));
}

TEST(ReservationKey, is_shown_with_all_its_digits) {
    EXPECT_EQ(key_text(0x9f2a3c41), "000000009f2a3c41");
}

}  // namespace
}  // namespace bootwire::session
