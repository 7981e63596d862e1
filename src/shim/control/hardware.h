// What the running kernel has made of this board: a text that settles the board's row in
// docs/hardware.md, where lab/hardware/reports.py reads it.
#pragma once

#include <optional>
#include <string>

#include "control/answer.h"

namespace bootwire::control {

/// Where the kernel shows it.
struct KernelView {
    std::string sysfs = "/sys";
    std::string device_tree = "/proc/device-tree";
};

/// Lines "KEY: VALUE" behind a title. It is made to be published: of all files only those are read
/// that name a product or a driver or say what state it is in, and never one with a serial number,
/// an address, a name that somebody gave, a secret or the command line; interfaces are not named,
/// since their names may have an address in them. session: how the keeper's status is, nothing if
/// it does not answer.
std::string hardware_report(std::optional<Verdict> session, const KernelView& view = {});

}  // namespace bootwire::control
