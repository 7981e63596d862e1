// disk → handoff, by way of the disk's own initramfs
#pragma once

#include "base/error.h"
#include "board/board.h"
#include "board/watchdog.h"
#include "delivery/attendant.h"
#include "init/disk_stage.h"
#include "init/session_stage.h"
#include "init/telling.h"
#include "plan/command_line.h"
#include "plan/values.h"

namespace bootwire::init {

/// Whether that may do what the pivot has failed of, and is asked to.
bool initramfs_may_help(const Error& pivot, const RootDisk& root, plan::InitramfsUse use);

/// Leaves the keeper behind and becomes the init of the disk's initramfs, which finds the disk as
/// if it were a card. In a forerunner (kexec/own_system.h) the kernel has unpacked it; else its
/// archives are read from the disk and take our place. running: the kernel's own command line.
/// Returns only on failure.
Error start_disks_initramfs(const Online& at, const RootDisk& root,
                            const plan::CommandLine& running, const board::Board& board,
                            board::Watchdog& watchdog, Telling& telling,
                            const delivery::Handle& modules);

}  // namespace bootwire::init
