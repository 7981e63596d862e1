// The initiator whose session Recovery brings back: the kernel's; in the lab, one in user space for
// each member of a crowd.
#pragma once

#include "base/error.h"
#include "iscsi_initiator/login.h"
#include "keeper/recovery.h"
#include "os/fd.h"
#include "plan/values.h"

namespace bootwire::keeper {

/// Carries out those of Recovery's actions that concern the session itself. Called by the executor,
/// in the order of the actions; does not call the executor from within.
class Initiator {
  public:
    virtual void stop_connection() = 0;
    /// The CmdSN of its next command. Asked for only if the disk is held or ways are tried out, and
    /// while the connection is stopped.
    virtual Result<uint32_t> next_cmd_sn() = 0;
    /// Takes over the connected socket. It then hands the PDUs of the login that it receives to
    /// RecoveryExecutor::receive(), and tells lost() if the connection breaks.
    virtual Status bind(Fd socket) = 0;
    /// Over that socket, with the sequence numbers of the session.
    virtual Status send(const SendPdu& pdu) = 0;
    /// portal: where the login was.
    virtual Status start(const plan::Portal& portal, const iscsi::LoginResult& result) = 0;

    /// Has it sent commands that are not answered? False only if that is sure.
    virtual bool has_commands() = 0;

    virtual void recovered(const Recovered& recovered) = 0;
    virtual void say(const RecoveryEvent& event) = 0;
    /// Actions have been carried out: Recovery's state may be another one.
    virtual void carried_out() = 0;

  protected:
    ~Initiator() = default;
};

}  // namespace bootwire::keeper
