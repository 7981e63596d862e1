// The end of a session (RFC 7143 sections 11.14 and 11.15). The request is LogoutRequestPdu.
#pragma once

#include "base/error.h"
#include "iscsi/pdu.h"

namespace bootwire::iscsi {

/// "closed", "no such connection", …
std::string_view logout_response_in_words(uint8_t response);
/// The target has closed what it was asked to close. A connection that it does not know (response
/// 1) is as good as closed.
bool is_closed(const LogoutResponsePdu& response);
/// An error unless it is closed.
Status check_logout_response(const LogoutResponsePdu& response);

}  // namespace bootwire::iscsi
