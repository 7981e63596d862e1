// plan → session
#pragma once

#include <functional>

#include "board/board.h"
#include "init/progress.h"
#include "keeper/known_addresses.h"
#include "plan/plan.h"
#include "session/kernel_initiator.h"
#include "session/log_in.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// A session that the kernel runs, and what a later login to it needs.
struct Session {
    session::KernelInitiator kernel;
    session::KernelSession handle;
    session::Account account;
    Endpoint portal;    ///< where the session is now
    plan::Portal home;  ///< where to log in the next time
    iscsi::OperationalParameters parameters;
    keeper::Addresses addresses;  ///< of the portals that have a name
};

/// What all ways on from the session go by.
struct Online {
    const plan::Plan& plan;
    const plan::MachineId& machine_id;
    const uplink::Network& network;
    Session& session;
};

/// What a stage that used the session's disks has failed of: with a lost connection there are no
/// disks either, whatever the stage has made of that.
Error unless_lost(const Session& session, Error error);

/// Who we are for the plan's target.
session::Account account_of(const plan::Plan& plan, const board::Board& board);

/// Logs in to the first of the plan's portals that lets us. on_progress: called at least every
/// second meanwhile.
Result<Session> open_session(const plan::Plan& plan, const board::Board& board, Progress& progress,
                             const std::function<void()>& on_progress);

}  // namespace bootwire::init
