// interfaces(5), the file of ifupdown, without what would touch the interface that the root disk is
// reached by. Texts only; see prepare_os.h for where they go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "handoff/os_network.h"

namespace bootwire::handoff {

struct QuietInterfaces {
    std::string text;
    bool changed = false;               ///< the file has something that concerns the interface
    std::vector<std::string> warnings;  ///< what is left out and somebody may miss
};

/// Every stanza of the interface's names becomes `inet manual` without options. Lists (auto,
/// allow-*, rename, mapping, ports of bridges and bonds) lose its names, also as `eth0=home`, and
/// patterns (`/eth*`) become ones that match all others. Other text stays as it is.
QuietInterfaces interfaces_without(std::string_view interfaces_file,
                                   const BootInterface& interface);

}  // namespace bootwire::handoff
