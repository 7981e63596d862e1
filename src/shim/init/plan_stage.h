// network → plan
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// The network's part of the plan, as soon as there is a network. Tells what of it is not usable.
plan::NetworkPlan plan_network(const plan::Request& request, const uplink::Network& network);

/// Completes the request by what the network said, tells what came out, and gives this machine the
/// plan's host name.
Result<plan::Plan> complete_plan(const plan::Request& request, const plan::NetworkPlan& planned,
                                 const uplink::Network& network, const plan::MachineId& machine_id);

}  // namespace bootwire::init
