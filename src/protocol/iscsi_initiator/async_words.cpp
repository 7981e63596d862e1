#include "iscsi_initiator/async_words.h"

namespace bootwire::iscsi {

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
