// The plan for /run/bootwire/boot.json.
#pragma once

#include <string>

#include "plan/plan.h"

namespace bootwire::plan {

/// A JSON object with a member for each field of the plan, named as in describe.h in lower case
/// with '_' for ' ': {"mode":{"value":"pivot","source":"DHCP option 224 from 192.168.1.1"},…}. The
/// value is a string, a list of strings, or null where there is none. Secrets are not in it. init
/// puts it, as the value of "plan", beside times and what happened.
std::string plan_json(const Plan& plan);

}  // namespace bootwire::plan
