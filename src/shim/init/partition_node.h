// A partition of the session's disk, as soon as the kernel has a node for it.
#pragma once

#include <string>

#include "base/error.h"
#include "board/watchdog.h"

namespace bootwire::init {

/// Its path, once the kernel has scanned the partition table. number 0: the disk itself.
Result<std::string> wait_for_partition(const std::string& disk_name, unsigned number,
                                       board::Watchdog& watchdog);

}  // namespace bootwire::init
