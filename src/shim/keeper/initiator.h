// Who has the session that Recovery brings back: the kernel's initiator, or in the lab one in user
// space for each of a crowd.
#pragma once

#include "base/error.h"
#include "iscsi_initiator/login.h"
#include "keeper/recovery.h"
#include "os/fd.h"
#include "plan/values.h"

namespace bootwire::keeper {

/// Does the part of Recovery's actions that concerns the session itself. Called by the executor, in
/// the actions' order; must not call it from within.
class Initiator {
  public:
    virtual void stop_connection() = 0;
    /// The CmdSN of its next command; of a stopped session whose disk is held.
    virtual Result<uint32_t> next_cmd_sn() = 0;
    /// Takes over the connected socket. What it then receives of the login, or that the connection
    /// is lost, goes to RecoveryExecutor::receive() and lost().
    virtual Status bind(Fd socket) = 0;
    /// Over that socket, with the sequence numbers of the session.
    virtual Status send(const SendPdu& pdu) = 0;
    /// portal: where the login was.
    virtual Status start(const plan::Portal& portal, const iscsi::LoginResult& result) = 0;

    virtual void recovered(const Recovered& recovered) = 0;
    virtual void say(const RecoveryEvent& event) = 0;
    /// Actions have been carried out: Recovery's state may be another one.
    virtual void carried_out() = 0;

  protected:
    ~Initiator() = default;
};

}  // namespace bootwire::keeper
