// What drivers a device needs, from the one that has it running now.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootwire::board {

/// The modaliases of the network interface's device, of all devices above it up to the machine, of
/// its PHY, and of the devices that supply these with clocks, power, interrupts and the like
/// (Documentation/driver-api/device_link.rst). sysfs: where it is mounted.
std::vector<std::string> network_device_aliases(const std::string& interface,
                                                const std::string& sysfs = "/sys");

/// A PHY's modalias from its identifier as sysfs shows it, "0x600d84a2":
/// "mdio:01100000000011011000010010100010". Empty if it is no identifier.
std::string phy_alias(std::string_view phy_id);

}  // namespace bootwire::board
