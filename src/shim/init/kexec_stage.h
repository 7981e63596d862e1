// disk → handoff, by the disk's own kernel
#pragma once

#include "init/handoff_stage.h"

namespace bootwire::init {

/// Loads the kernel, with initramfs and command line, that the disk's boot partition names. The
/// session stays, whatever is wrong with the files.
Status load_disks_kernel(const Outcome& outcome, Machine& machine);

/// Logs the session out and starts what was loaded. Returns only on failure; the session is gone
/// then.
Error start_disks_kernel(const Outcome& outcome, session::KernelInitiator& kernel,
                         Machine& machine);

}  // namespace bootwire::init
