#include "iscsi/async.h"

namespace bootwire::iscsi {

AsyncNotice decode_async(const AsyncMessagePdu& message) {
    const auto [first, second, third] = message.parameters;
    AsyncNotice notice;
    switch (message.event) {
        case 0:
            notice.event = AsyncEvent::scsi;
            break;
        case 1:
            notice.event = AsyncEvent::logout_requested;
            notice.within_s = third;
            break;
        case 2:
            notice.event = AsyncEvent::connection_dropped;
            notice.cid = first;
            notice.time2wait_s = second;
            notice.time2retain_s = third;
            break;
        case 3:
            notice.event = AsyncEvent::all_connections_dropped;
            notice.time2wait_s = second;
            notice.time2retain_s = third;
            break;
        case 4:
            notice.event = AsyncEvent::renegotiation;
            notice.within_s = third;
            break;
        case 5:
            notice.event = AsyncEvent::tasks_terminated;
            break;
        case 255:
            notice.event = AsyncEvent::vendor;
            break;
        default:
            break;
    }
    return notice;
}

bool ends_session(AsyncEvent event) {
    return event == AsyncEvent::logout_requested || event == AsyncEvent::connection_dropped ||
           event == AsyncEvent::all_connections_dropped;
}

}  // namespace bootwire::iscsi
