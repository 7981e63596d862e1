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

std::string describe(const AsyncNotice& notice) {
    const auto seconds = [](uint16_t count) { return std::to_string(count) + " s"; };
    switch (notice.event) {
        case AsyncEvent::scsi:
            return "the target reports a SCSI event";
        case AsyncEvent::logout_requested:
            return "the target asks to log out within " + seconds(notice.within_s);
        case AsyncEvent::connection_dropped:
            return "the target drops connection " + std::to_string(notice.cid) +
                   "; it may be made again after " + seconds(notice.time2wait_s);
        case AsyncEvent::all_connections_dropped:
            return "the target drops all connections; they may be made again after " +
                   seconds(notice.time2wait_s);
        case AsyncEvent::renegotiation:
            return "the target asks to negotiate again within " + seconds(notice.within_s);
        case AsyncEvent::tasks_terminated:
            return "the target has ended all tasks of a LUN";
        case AsyncEvent::vendor:
            return "the target reports an event of its vendor's";
        case AsyncEvent::unknown:
            break;
    }
    return "the target reports an unknown event";
}

}  // namespace bootwire::iscsi
