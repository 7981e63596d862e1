#include "iscsi/isid.h"

#include "base/crc32c.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t locally_administered = 0x02;
constexpr uint8_t type_random = 0x80;

}  // namespace

Isid Isid::from_mac(const MacAddress& mac) {
    if ((mac.bytes[0] & locally_administered) != 0) return from_serial(mac.text().view());
    Isid isid;
    isid.bytes = mac.bytes;
    isid.bytes[0] = static_cast<uint8_t>(mac.bytes[0] >> 2);
    return isid;
}

Isid Isid::from_serial(std::string_view serial, uint16_t qualifier) {
    const uint32_t sum = crc32c(bytes_of(serial));
    Isid isid;
    isid.bytes[0] = type_random;
    store_be24(&isid.bytes[1], sum & 0xffffff);
    store_be16(&isid.bytes[4], qualifier);
    return isid;
}

}  // namespace bootwire::iscsi
