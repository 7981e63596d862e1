// session → disk
#pragma once

#include "disk/choose_root.h"
#include "init/machine.h"
#include "init/session_stage.h"
#include "plan/disk_cmdline.h"
#include "plan/plan.h"

namespace bootwire::init {

/// The disk's root file system and what the disk itself says about booting from it.
struct RootDisk {
    std::string disk;    ///< "/dev/sda"
    std::string device;  ///< "/dev/sda2"
    disk::RootChoice root;
    plan::DiskCommandLine command_line;  ///< of its boot partition's cmdline.txt
};

/// Finds the session's disk and on it the root; grows the last partition where the disk asks for
/// it.
Result<RootDisk> find_root_disk(const Session& session, const plan::Plan& plan, Machine& machine);

}  // namespace bootwire::init
