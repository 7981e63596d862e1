// The plan as text: one fact for each field, for the console and for boot.json alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace bootwire::plan {

struct Fact {
    std::string_view name;            ///< "target", "name servers"
    std::vector<std::string> values;  ///< for people; secrets are not among them
    bool list = false;                ///< a list in JSON, even with one value or none
    Source source;
    bool given = true;  ///< does it have a value at all?
};

/// Every field of the plan, in its order. A login's name is there, its secret is not.
std::vector<Fact> facts(const Plan& plan);

/// Adds "target iqn…, from DHCP option 17 from 192.168.1.1" and the like for each field that has a
/// value; what is built in is left out, but for the mode, the LUN and the initiator's name.
void describe(const Plan& plan, Report& report);

}  // namespace bootwire::plan
