// What the booted OS's systemd is told so that it waits for the root disk as long as the keeper
// does.
#pragma once

#include <vector>

#include "handoff/os_network.h"

namespace bootwire::handoff {

/// Drop-ins by which systemd does not kill those of its own services that it watches over
/// (WatchdogSec=3min): while the disk is away they wait for it, and are no more hung than it.
/// Whoever sets WatchdogSec= for one of them in /etc has the last word.
std::vector<NewFile> service_watchdogs();

}  // namespace bootwire::handoff
