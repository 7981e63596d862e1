// The keeper: the small process that stays behind after the handoff and looks after what the root
// disk hangs on: the session and the address.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "keeper/keeper_state.h"

namespace bootwire::keeper {

/// Starts the keeper as a child that outlives the switch to the root disk: it has no descriptor,
/// directory or mapping there, its memory is locked, the OOM killer and systemd's kill sprees pass
/// it by (a root-owned process whose argv[0] begins with '@'). Call it before start_os() and
/// with no other thread running. Returns once the keeper is at work.
Result<pid_t> start_keeper(KeeperState state);

/// Ends a keeper whose session is not wanted any more.
void stop_keeper(pid_t keeper);

}  // namespace bootwire::keeper
