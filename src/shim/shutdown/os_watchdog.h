// The hardware watchdog that the OS leaves running behind itself: it is to reset a machine that
// hangs while it ends, not one that waits for its disk.
#pragma once

#include <optional>
#include <string>

#include "board/watchdog.h"

namespace bootwire::shutdown {

/// Its device, or nothing if none runs, by what systemd says in the environment of its shutdown
/// program, which is also ours (systemd, src/core/main.c become_shutdown()): WATCHDOG_USEC, 0 for
/// none, and WATCHDOG_DEVICE if it is not the usual one. nullptr: not set.
std::optional<std::string> running_watchdog(const char* microseconds, const char* device);

/// Feeds it, if there is one. systemd has closed it, without stopping it, before it starts us
/// (src/shutdown/shutdown.c, watchdog_close()).
board::Watchdog feed_watchdog_of_os();

}  // namespace bootwire::shutdown
