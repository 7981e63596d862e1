// Is a host there? ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443 section 4.1).
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/error.h"
#include "base/time.h"

namespace bootwire::net {

/// Sends one echo request and waits for its answer, for a second at most; the time that it took.
/// number tells requests apart.
Result<Milliseconds> ping(const IpAddress& host, uint16_t number);

}  // namespace bootwire::net
