// What a target announces on its own (RFC 7143 section 11.9).
#pragma once

#include <cstdint>

#include "iscsi/pdu.h"

namespace bootwire::iscsi {

enum class AsyncEvent : uint8_t {
    scsi = 0,                ///< what, its sense data tell: sense_in()
    logout_requested = 1,    ///< log out within `within_s`
    connection_dropped = 2,  ///< the target drops connection `cid`
    all_connections_dropped = 3,
    renegotiation = 4,  ///< a Text request is wanted within `within_s`
    tasks_terminated = 5,
    vendor = 255,
    unknown = 254,
};

struct AsyncNotice {
    AsyncEvent event = AsyncEvent::unknown;
    uint16_t cid = 0;
    /// Seconds in which to act, for logout_requested and renegotiation.
    uint16_t within_s = 0;
    /// Seconds to wait before connecting again, and after which the tasks are lost; for
    /// connection_dropped and all_connections_dropped.
    uint16_t time2wait_s = 0;
    uint16_t time2retain_s = 0;
};

AsyncNotice decode_async(const AsyncMessagePdu& message);
/// Whether nothing more is to be had from the session: the target drops it, or wants it to end.
bool ends_session(AsyncEvent event);

}  // namespace bootwire::iscsi
