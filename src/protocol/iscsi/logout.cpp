#include "iscsi/logout.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t closed = 0;
constexpr uint8_t no_such_connection = 1;

}  // namespace

std::string_view logout_response_in_words(uint8_t response) {
    switch (response) {
        case closed:
            return "closed";
        case no_such_connection:
            return "no such connection";
        case 2:
            return "connection recovery is not supported";
        case 3:
            return "cleanup failed";
        default:
            return "unknown response";
    }
}

bool is_closed(const LogoutResponsePdu& response) {
    return response.response == closed || response.response == no_such_connection;
}

Status check_logout_response(const LogoutResponsePdu& response) {
    if (is_closed(response)) return {};
    return fail("the target did not log out: " +
                std::string(logout_response_in_words(response.response)));
}

}  // namespace bootwire::iscsi
