// The full feature phase between initiator and real target.
#pragma once

#include <atomic>
#include <optional>

#include "front_login.h"
#include "iscsi/pdu.h"

namespace bootwire::peer {

/// What to send an initiator that no target is asked for.
struct AsyncScript {
    std::optional<iscsi::AsyncMessagePdu> message;
    std::atomic<unsigned> rings{0};  ///< each session sends the message once for each of them
};

/// Passes PDUs on in both directions, StatSN and ExpStatSN shifted, until one side closes or the
/// initiator has sent `limit` PDUs; a limit of 0 is none. Says why it ended.
Error splice(Connection& front, Spliced& spliced, size_t limit, const AsyncScript& script);

}  // namespace bootwire::peer
