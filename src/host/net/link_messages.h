// What the kernel says of interfaces, addresses and routes, as rtnetlink(7) has it. No I/O.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/bytes.h"
#include "net/links.h"

namespace bootwire::net {

/// The link in RTM_NEWLINK, but for what only sysfs knows (is_wireless, is_virtual); nothing for
/// any other message, and for one without a number or with a name that no interface can have
/// (net/core/dev.c, dev_valid_name: it would be part of a path).
std::optional<Link> decode_link(uint16_t type, Bytes payload);

struct LinkAddress {
    int link = 0;  ///< index
    IpPrefix address;
};
/// The address in RTM_NEWADDR, in IPv4; nothing for any other message.
std::optional<LinkAddress> decode_address(uint16_t type, Bytes payload);

/// Of RTM_DELADDR and RTM_DELROUTE, in IPv4; nothing for any other message, and for routes outside
/// the main table.
std::optional<Removal> decode_removal(uint16_t type, Bytes payload);

}  // namespace bootwire::net
