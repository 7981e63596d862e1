#include "iscsi/isid.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(SessionIdentifier, comes_from_the_mac_or_serial_and_stays_the_same) {
    const auto mac = MacAddress::parse("dc:a6:32:01:02:03");
    const Isid isid = Isid::from_mac(*mac);
    EXPECT_EQ(isid.bytes, (std::array<uint8_t, 6>{0x37, 0xa6, 0x32, 1, 2, 3}));
    const Isid local = Isid::from_mac(*MacAddress::parse("52:54:00:12:34:56"));
    EXPECT_EQ(local.bytes[0], 0x80);
    EXPECT_EQ(local, Isid::from_mac(*MacAddress::parse("52:54:00:12:34:56")));
    EXPECT_NE(local, Isid::from_mac(*MacAddress::parse("52:54:00:12:34:57")));
}

}  // namespace
}  // namespace bootwire::iscsi
