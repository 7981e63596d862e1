// Connecting to a portal.
#pragma once

#include <expected>
#include <functional>
#include <optional>

#include "base/address.h"
#include "base/time.h"
#include "os/fd.h"

namespace bootwire::net {

/// A connected TCP socket without Nagle's delay, as the kernel's initiator wants it (blocking).
/// Waits for timeout at most (ETIMEDOUT then); on_progress is called at least every second while it
/// waits. An error is a number of errno's.
std::expected<Fd, int> connect_tcp(const Endpoint& portal, Milliseconds timeout,
                                   const std::function<void()>& on_progress);

/// The same without waiting: a non-blocking socket that becomes writable when it is connected or
/// has failed; finish_connect() tells which, and makes it as connect_tcp() gives it.
std::expected<Fd, int> begin_connect(const Endpoint& portal);
std::expected<void, int> finish_connect(const Fd& socket);

/// Where the connected socket leads to; nothing if it is connected no more.
std::optional<Endpoint> other_end_of(const Fd& socket);

/// To be on while an answer is awaited on the socket: a connection whose other end has lost its
/// power then breaks within seconds; one whose target is merely busy stays. Not for a session,
/// which bears longer silence.
void watch_other_end(const Fd& socket, bool yes);

}  // namespace bootwire::net
