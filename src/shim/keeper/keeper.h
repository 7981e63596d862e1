// The keeper: the small process that stays behind after the handoff and looks after what the root
// disk hangs on: the session and the address.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/error.h"
#include "dhcp/lease.h"
#include "keeper/answers.h"
#include "keeper/farewell_keeper.h"
#include "keeper/lease_keeper.h"
#include "keeper/session_keeper.h"
#include "os/fd.h"
#include "uplink/remote_log.h"

namespace bootwire::keeper {

/// What init hands to the keeper.
struct KeeperState {
    KeptAddress address;
    KeptSession session;
    KeeperFacts facts;
    /// Called in the keeper with each lease that is granted or extended. run: the directory /run,
    /// which after the handoff has no path in the keeper any more.
    std::function<void(const dhcp::Lease&, const Fd& run)> leased;
    FarewellSettings farewell;
    uplink::RemoteLogSettings remote_log;  ///< where the keeper's lines go besides the kernel's log
};

/// Starts the keeper as a child that outlives the switch to the root disk: it has no descriptor,
/// directory or mapping there, its memory is locked, the OOM killer and systemd's kill sprees pass
/// it by (a root-owned process whose argv[0] begins with '@'). own_name is argv[0] of this program,
/// which is overwritten in the child. Call it before switch_root() and with no other thread
/// running. Returns once the keeper is at work.
Result<pid_t> start_keeper(const KeeperState& state, char* own_name);

/// Ends a keeper whose session is not wanted any more.
void stop_keeper(pid_t keeper);

}  // namespace bootwire::keeper
