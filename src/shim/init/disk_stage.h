// session → disk
#pragma once

#include "bootfiles/boot_files.h"
#include "disk/choose_root.h"
#include "init/machine.h"
#include "init/session_stage.h"
#include "plan/disk_cmdline.h"
#include "plan/plan.h"
#include "session/hold.h"

namespace bootwire::init {

/// The disk's root file system and what the disk itself says about booting from it.
struct RootDisk {
    std::string name;                   ///< the disk's, "sda"
    std::optional<session::Hold> hold;  ///< if it is held for this machine alone
    iscsi::Lun lun;                     ///< that it turned out to be
    std::string device;                 ///< the partition's node, "/dev/sda2"
    disk::RootChoice root;
    std::string boot_device;                         ///< "/dev/sda1"; empty: no boot partition
    plan::DiskCommandLine command_line;              ///< what the disk itself says
    std::string command_line_place = "cmdline.txt";  ///< where, for a person
    /// What its boot partition wants to be started; read in mode kexec only.
    std::optional<Result<bootfiles::BootFiles>> boot_files;
};

/// Finds the session's disk and on it the root, which is what the disk's command line says if the
/// plan does not: in mode kexec that of its own kernel, otherwise cmdline.txt; grows the last
/// partition where the disk asks for it. With iscsi.exclusive=, the disk is reserved before
/// anything of it is read.
Result<RootDisk> find_root_disk(const Session& session, const plan::Plan& plan,
                                const plan::MachineId& machine_id, Machine& machine);

}  // namespace bootwire::init
