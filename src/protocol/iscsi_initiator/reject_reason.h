// Why a target rejected a PDU.
#pragma once

#include <cstdint>
#include <string_view>

namespace bootwire::iscsi {

/// The reason code of a Reject PDU (RFC 7143 section 11.17.1) in words.
std::string_view reject_reason_in_words(uint8_t reason);

}  // namespace bootwire::iscsi
