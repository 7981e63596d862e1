// Which CmdSN the kernel will give its next command.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "session/kernel_initiator.h"

namespace bootwire::session {

/// A login that runs outside the kernel must announce this number, and the kernel tells it nowhere,
/// but stamps it on every login PDU that it sends. So the kernel is handed a connection to
/// ourselves and a login PDU to send over it. The session must be stopped for recovery, and is so
/// afterwards.
Result<uint32_t> kernel_cmd_sn(KernelInitiator& kernel, const KernelSession& session);

}  // namespace bootwire::session
