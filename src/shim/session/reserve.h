// Holding a disk for this machine alone (iscsi.exclusive): at boot and at the end. In between, the
// keeper holds it again after each loss of the session (keeper/recovery.h).
#pragma once

#include <string>

#include "base/error.h"
#include "iscsi_initiator/claim.h"
#include "session/account.h"
#include "session/hold.h"
#include "session/log_in.h"

namespace bootwire::session {

/// Reserves the disk behind a block device of the running session ("/dev/sda") under the key, by
/// the kernel (SG_IO). An error names who has it, if somebody has.
Status claim_disk(const std::string& node, uint64_t key, iscsi::Intent intent);

/// Whether the LUN takes commands by this connection, before the kernel gets it: a portal on
/// standby lets us in and fails all that follows. A LUN that is not there is no error: which one is
/// taken is seen later. Takes note in the login of what was answered.
Status try_out(LoggedIn& login, iscsi::Lun lun, const Surroundings& surroundings);

/// Gives the disk back, so that another machine can have it at once. To be called when the kernel's
/// session is gone, after its logout: this logs in anew, with the same name and ISID, gives the
/// reservation back and hangs up. Does nothing to a disk that another one holds.
Status release_disk(const Account& account, const plan::Portal& portal, const Hold& hold,
                    const Surroundings& surroundings);

}  // namespace bootwire::session
