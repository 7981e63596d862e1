// What the keeper is given when it starts: one value, in which each fact stands once. The keeper's
// parts get it, each what is its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "control/report.h"
#include "dhcp/lease.h"
#include "keeper/kept_disk.h"
#include "keeper/lease_keeper.h"
#include "keeper/session_keeper.h"
#include "os/fd.h"
#include "uplink/remote_log.h"

namespace bootwire::keeper {

struct KeeperState {
    KeptAddress address;
    KeptSession session;
    KeptDisk disk;
    /// How long the target may be away while the OS ends.
    std::chrono::seconds shutdown_patience{90};
    std::vector<control::BootStage> stages;  ///< of this boot
    /// Called in the keeper with each lease that is granted or extended. run: the directory /run,
    /// which after the handoff has no path in the keeper any more.
    std::function<void(const dhcp::Lease&, const Fd& run)> leased;
    uplink::RemoteLogSettings remote_log;  ///< where the keeper's lines go besides the kernel's log
    Fd new_run{};  ///< on which it is told of another /run (new_run.h); may be none
};

}  // namespace bootwire::keeper
