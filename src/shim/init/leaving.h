// What comes before every system that takes over from us: the same for a pivot and for the disk's
// own initramfs.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "board/board.h"
#include "board/watchdog.h"
#include "handoff/os_fstab.h"
#include "handoff/os_network.h"
#include "init/disk_stage.h"
#include "init/session_stage.h"
#include "init/telling.h"
#include "os/fd.h"
#include "plan/command_line.h"
#include "seed/identity.h"

namespace bootwire::init {

/// Words that the kernel would pass on to init (kernel/init/main.c, unknown_bootoption): those
/// behind "--", and the run levels and modes that init programs know.
std::vector<std::string> init_arguments(const plan::CommandLine& line);

handoff::BootInterface boot_interface(const Online& at);
handoff::OwnDisk own_disk(const RootDisk& root);
/// Nothing if the system is to keep its names and keys (iscsi.seed).
std::optional<seed::Machine> seed_of(const Online& at);

/// The board as the OS expects to find it, and our programs for it in /run.
void settle_board(board::Watchdog& watchdog);

/// The session and the address have somebody who looks after them from now on. new_run: on which
/// the keeper is told of another /run (keeper/new_run.h); may be none.
Result<pid_t> leave_keeper_behind(const Online& at, const RootDisk& root, Telling& telling,
                                  Fd new_run);

/// The end of what init has to say: from here on only the switch itself can fail.
void say_goodbye(const Online& at, const RootDisk& root, const board::Board& board,
                 Telling& telling);

/// What was ours is gone: no attempt could follow. Says so for as long as a person needs to read
/// it.
[[noreturn]] void restart_after(const Error& error, board::Watchdog& watchdog,
                                uplink::RemoteLog& remote_log);

}  // namespace bootwire::init
