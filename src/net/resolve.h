// Asking DNS for the address of a host.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"

namespace bootwire::net {

struct Resolver {
    std::vector<IpAddress> servers;
    std::string search_domain;  ///< tried first behind a name without dots
};

/// The host's first address, over UDP. Waits for some seconds at most; on_progress is called at
/// least every second.
Result<IpAddress> resolve(const Resolver& resolver, const std::string& host,
                          const std::function<void()>& on_progress);

}  // namespace bootwire::net
