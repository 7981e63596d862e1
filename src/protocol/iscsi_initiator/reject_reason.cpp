#include "iscsi_initiator/reject_reason.h"

namespace bootwire::iscsi {

std::string_view reject_reason_in_words(uint8_t reason) {
    switch (reason) {
        case 0x02:
            return "data digest error";
        case 0x03:
            return "SNACK refused";
        case 0x04:
            return "protocol error";
        case 0x05:
            return "command not supported";
        case 0x06:
            return "too many immediate commands";
        case 0x07:
            return "task in progress";
        case 0x08:
            return "invalid data acknowledgement";
        case 0x09:
            return "invalid PDU field";
        case 0x0a:
            return "out of resources";
        case 0x0b:
            return "negotiation reset";
        case 0x0c:
            return "waiting for logout";
        default:
            return "unknown reason";
    }
}

}  // namespace bootwire::iscsi
