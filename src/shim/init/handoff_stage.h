// disk → handoff
#pragma once

#include "base/error.h"
#include "board/board.h"
#include "board/watchdog.h"
#include "delivery/attendant.h"
#include "init/disk_stage.h"
#include "init/session_stage.h"
#include "init/telling.h"
#include "plan/command_line.h"

namespace bootwire::init {

/// Switches into the disk's root, and leaves the keeper behind. running: the kernel's own command
/// line. Returns only on failure.
Error hand_over(const Online& at, const RootDisk& root, const plan::CommandLine& running,
                const board::Board& board, board::Watchdog& watchdog, Telling& telling,
                const delivery::Handle& modules);

}  // namespace bootwire::init
