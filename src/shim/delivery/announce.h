// Modules that come when the system runs already: what they are for is told of anew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootwire::delivery {

/// A node by which a module is loaded when it is opened.
struct DeviceNode {
    std::string name;  ///< below /dev: "net/tun"
    bool is_block = false;
    unsigned major = 0;
    unsigned minor = 0;
    bool operator==(const DeviceNode&) const = default;
};

/// depmod's modules.devname: "MODULE NAME cMAJOR:MINOR". What is malformed is passed over.
std::vector<DeviceNode> parse_devname(std::string_view text);

/// In the root that this process sees: makes those nodes, as kmod-static-nodes does at boot; has
/// the kernel announce all devices again that a module may be for, as `udevadm trigger` does; and
/// has a systemd load again what the system lists (modules-load.d). folder: with depmod's tables.
void announce_modules(const std::string& folder);

}  // namespace bootwire::delivery
