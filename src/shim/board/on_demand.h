// Devices that nobody has seen work on a board of that kind: their nodes lie below one of ours
// ("bootwire,on-demand", kernel/overlays/bootwire-pi5.dtso), of which the kernel makes nothing by
// itself. A boot that needs none of them is not put at risk by them.
#pragma once

#include <functional>
#include <string>

namespace bootwire::board {

/// Has the kernel make devices of what lies below such nodes, where it has not done so before.
/// before: called with each node's path before it is; what the kernel then does may not return.
/// sysfs: where it is mounted. Best effort: what comes of it shows where such a device would.
void probe_on_demand(const std::function<void(const std::string& node)>& before,
                     const std::string& sysfs = "/sys");

}  // namespace bootwire::board
