// Which CmdSN the kernel will give its next command.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "session/kernel_initiator.h"

namespace bootwire::session {

/// A login that runs outside the kernel must announce this number, and the kernel tells it nowhere.
/// But it stamps it on every login PDU that it sends: so it is handed a connection to ourselves and
/// given one to send. The session must be stopped for recovery, and is again afterwards.
Result<uint32_t> kernel_cmd_sn(KernelInitiator& kernel, const KernelSession& session);

}  // namespace bootwire::session
