// What the attempt under way has found out so far, for whoever asks; and what its later stages go
// by.
#pragma once

#include <optional>

#include "plan/plan.h"
#include "uplink/uplink.h"

namespace bootwire::init {

struct Findings {
    std::optional<uplink::Network> network{};
    std::optional<plan::NetworkPlan> network_plan{};
    std::optional<plan::Plan> plan{};  ///< the only one that there is, with its secrets
};

}  // namespace bootwire::init
