// What the keeper gets to know, in every mode in which something is kept: plan, network and session
// → keeper::KeeperState.
#pragma once

#include <functional>
#include <optional>

#include "init/session_stage.h"
#include "init/telling.h"
#include "keeper/keeper.h"
#include "net/resolve.h"
#include "os/fd.h"
#include "session/hold.h"
#include "session/scsi_disk.h"

namespace bootwire::init {

/// Tells whoever else is interested in the name servers of a later lease. run: the directory /run.
using TellNameServers = std::function<Status(const net::NameServers& names, const Fd& run)>;

/// disk: the session's, or the first of them. hold: if it is held for this machine alone. tell: may
/// be empty.
keeper::KeeperState keeper_state(const Online& at, const session::ScsiDisk& disk,
                                 const std::optional<session::Hold>& hold, const Telling& telling,
                                 const TellNameServers& tell);

}  // namespace bootwire::init
