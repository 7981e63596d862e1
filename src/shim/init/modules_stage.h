// plan → the modules that did not come with the kernel are on their way
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/url.h"
#include "board/board.h"
#include "delivery/attendant.h"
#include "dhcp/lease.h"
#include "init/people.h"
#include "plan/plan.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// Where the file may be in the network, in the order in which it is looked for: as it is wished,
/// else where a Pi's firmware looks, below the last eight digits of the serial number first.
std::vector<Url> module_sources(const plan::ModulesWish& wish,
                                const std::optional<dhcp::Lease>& lease, std::string_view serial);

/// The SHA-256 that the kernel's build has left; nothing if the text is none.
std::optional<std::string> parse_sum(std::string_view text);

/// Has them fetched beside what follows, unless that is under way, or nothing is to be fetched.
void fetch_modules(const plan::Plan& plan, const uplink::Network& network,
                   const board::Board& board, const People& people, delivery::Delivery& modules);

}  // namespace bootwire::init
