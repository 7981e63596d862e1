// Connecting to a portal.
#pragma once

#include <functional>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace bootwire::session {

/// A connected TCP socket without Nagle's delay, as the kernel's initiator wants it (blocking).
/// Waits for timeout at most; on_progress is called at least every second while it waits. All
/// errors are of the kind that waiting may mend.
Result<Fd> connect_tcp(const Endpoint& portal, Milliseconds timeout,
                       const std::function<void()>& on_progress);

/// The same without waiting: a non-blocking socket that becomes writable when it is connected or
/// has failed; finish_connect() tells which, and makes it as connect_tcp() gives it.
Result<Fd> begin_connect(const Endpoint& portal);
Status finish_connect(const Fd& socket, const Endpoint& portal);

/// For as long as an answer is awaited there: a connection whose other end has been without power
/// breaks within seconds, while one whose target has too much to do stays. Not for a session, which
/// bears longer silence.
void watch_other_end(const Fd& socket, bool yes);

}  // namespace bootwire::session
