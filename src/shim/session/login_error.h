// The sentence and the advice for a login that failed.
#pragma once

#include "base/error.h"
#include "iscsi_initiator/login_failure.h"
#include "iscsi_initiator/login_settings.h"

namespace bootwire::session {

/// Half a sentence on what went wrong, for behind "login to …: ", naming the key and value where
/// there are any, and a hint on what to check. Holds no secret. The remedy is waiting_helps where
/// the target may be starting up or short of something: status classes 02/03 (not found, since a
/// target may be added a moment after its portal listens), 02/04, 02/06 and all of class 03, and a
/// connection closed early.
Error describe(const iscsi::LoginFailure& failure, const iscsi::LoginSettings& settings);

}  // namespace bootwire::session
