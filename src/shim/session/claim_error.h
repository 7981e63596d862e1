// The sentence and the advice for a disk that could not be reserved.
#pragma once

#include "base/error.h"
#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/task_client.h"

namespace bootwire::session {

/// What the target or another machine has against it; names who holds the disk.
Error describe(const iscsi::ClaimFailure& failure);
/// What was wrong with the connection over which it was tried.
Error describe(const iscsi::TaskFailure& failure);

}  // namespace bootwire::session
