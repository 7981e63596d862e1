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

TEST(SessionIdentifier, from_a_serial_number_has_its_checksum_and_the_qualifier) {
    // CRC32C of "123456789" is 0xe3069283 (RFC 3720 appendix B.4's polynomial).
    const Isid isid = Isid::from_serial("123456789", 0x0102);
    EXPECT_EQ(isid.bytes, (std::array<uint8_t, 6>{0x80, 0x06, 0x92, 0x83, 1, 2}));
    EXPECT_EQ(Isid::from_serial("123456789").bytes[5], 0);
}

}  // namespace
}  // namespace bootwire::iscsi
