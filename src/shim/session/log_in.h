// The login over a socket of our own, before the kernel takes it over.
#pragma once

#include <functional>
#include <string>

#include "base/address.h"
#include "base/error.h"
#include "base/time.h"
#include "iscsi_initiator/login.h"
#include "os/fd.h"
#include "plan/values.h"
#include "session/account.h"

namespace bootwire::session {

/// What the login needs of the world around it.
struct Surroundings {
    std::function<Result<IpAddress>(const std::string& host)> resolve;
    /// Called at least every second while something is waited for.
    std::function<void()> on_progress;
    /// Whoever asks waits no longer.
    Moment until = Moment::max();

    /// When what begins now is given up: a minute from now, or at `until`.
    Moment give_up_at() const;
};

/// A connection in the full feature phase, with nothing read beyond the login.
struct LoggedIn {
    Fd socket;
    Endpoint portal;  ///< where the session is; a redirection may have led there
    /// Where to log in the next time: the portal asked for, unless the last redirection on the way
    /// to this one was for good.
    plan::Portal home;
    iscsi::LoginResult result;
};

/// The portal's address; asks for it if the portal has a name.
Result<Endpoint> resolve(const plan::Portal& portal, const Surroundings& surroundings);

/// Logs in to the portal, following redirections (RFC 7143 section 11.13.5) and offering MD5 alone
/// to targets that do not take lists of CHAP algorithms. Says in the log what it does. All of it
/// takes as long as give_up_at() says, whoever answers how slowly.
Result<LoggedIn> log_in(const Account& account, const plan::Portal& portal,
                        const Surroundings& surroundings);

}  // namespace bootwire::session
