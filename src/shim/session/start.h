// A session in the kernel, from a finished login.
#pragma once

#include <chrono>

#include "base/error.h"
#include "plan/values.h"
#include "session/kernel_initiator.h"
#include "session/log_in.h"

namespace bootwire::session {

/// Hands the logged-in connection to the kernel and starts it. Until let_io_wait(), all I/O fails
/// at once if the connection is lost, since nobody would get it back. On failure nothing is left in
/// the kernel.
Result<KernelSession> start_in_kernel(KernelInitiator& kernel, const Account& account,
                                      LoggedIn& login);

/// For whoever gets lost connections back. recovery: how long I/O waits for that; nothing means for
/// ever.
Status let_io_wait(KernelInitiator& kernel, const KernelSession& session,
                   const plan::RecoveryTime& recovery);

/// Whether the kernel has the session's connection still.
bool is_connected(const KernelSession& session);

/// How long the kernel waits for the answer to a ping, as open-iscsi's default.
inline constexpr std::chrono::seconds usual_ping_timeout{5};

/// Tells the kernel what was negotiated and starts the connection that it has. portal: its address,
/// even if it has a name: open-iscsi would log in a second time where its record has the address,
/// unless a name server tells it that both are one (iscsi_match_session()).
Status configure_and_start(KernelInitiator& kernel, const KernelSession& session,
                           const Account& account, const Endpoint& portal,
                           const iscsi::LoginResult& result, const plan::RecoveryTime& recovery,
                           std::chrono::seconds ping_timeout = usual_ping_timeout);

/// Ends the session without asking the target: its devices go, the connection is closed.
void drop_from_kernel(KernelInitiator& kernel, const KernelSession& session);

}  // namespace bootwire::session
