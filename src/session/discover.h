// Finding the target where the operator named only a server.
#pragma once

#include <string>

#include "session/log_in.h"

namespace bootwire::session {

struct FoundTarget {
    std::string name;
    plan::Portal portal;  ///< where to log in to it
};

/// Asks the portal for its targets (SendTargets). Exactly one must be offered; an error lists them
/// otherwise. Where the target says that it is reached elsewhere, that is the portal of the result,
/// unless the portal asked is among its addresses.
Result<FoundTarget> discover_only_target(const Account& account, const plan::Portal& portal,
                                         const Surroundings& surroundings);

}  // namespace bootwire::session
