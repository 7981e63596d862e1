// disk → handoff, by the disk's own kernel
#pragma once

#include <functional>

#include "base/error.h"
#include "board/watchdog.h"
#include "init/disk_stage.h"
#include "init/session_stage.h"
#include "init/telling.h"
#include "plan/request.h"

namespace bootwire::init {

/// Loads the kernel, with initramfs and command line, that the disk's boot partition names. The
/// session stays, whatever is wrong with the files. given: what people have said, with the secrets.
Status load_disks_kernel(const Online& at, const RootDisk& root, const plan::Given& given,
                         board::Watchdog& watchdog);

/// Logs the session out and starts what was loaded. on_progress: called at least every second while
/// the target is waited for. Returns only on failure; the session is gone then.
Error start_disks_kernel(const Online& at, const RootDisk& root, board::Watchdog& watchdog,
                         Telling& telling, const std::function<void()>& on_progress);

}  // namespace bootwire::init
