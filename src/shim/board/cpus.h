// Secondary CPUs. Our kernel leaves them unstarted (kernel/patches), because one that has started a
// spin-table CPU cannot kexec any more; pivot and usb start them just before the handoff.
#pragma once

#include <string>

#include "base/error.h"

namespace bootwire::board {

/// The number of the hotplug state "online" in the text of /sys/devices/system/cpu/hotplug/states
/// (lines "NUMBER: NAME"); an error when there is none.
Result<unsigned> online_state_number(const std::string& states);

/// Starts every present CPU. Returns how many run then; one that does not start is no error.
Result<unsigned> start_all_cpus(const std::string& sysfs_cpus = "/sys/devices/system/cpu");

}  // namespace bootwire::board
