// What the keeper gets to know, in every mode in which something is kept: plan, network and session
// → keeper::KeeperState.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "init/machine.h"
#include "init/session_stage.h"
#include "keeper/keeper.h"
#include "net/resolve.h"
#include "os/fd.h"
#include "plan/plan.h"
#include "session/hold.h"
#include "uplink/uplink.h"

namespace bootwire::init {

struct Kept {
    const plan::Plan& plan;
    const uplink::Network& network;
    const Session& session;
    std::string disk;  ///< "sda"
    iscsi::Lun lun;
    std::optional<session::Hold> hold;  ///< of the disk, if it is held for this machine alone
};

/// Tells whoever else is interested in the name servers of a later lease. run: the directory /run.
using TellNameServers = std::function<Status(const net::Resolver& names, const Fd& run)>;

/// tell: may be empty.
keeper::KeeperState keeper_state(const Kept& kept, const Machine& machine,
                                  const TellNameServers& tell);

}  // namespace bootwire::init
