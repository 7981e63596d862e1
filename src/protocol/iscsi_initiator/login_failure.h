// Why a login failed, as values; a product has the words.
#pragma once

#include <cstdint>

#include "base/fixed_text.h"
#include "iscsi/chap.h"
#include "iscsi/negotiation.h"
#include "iscsi/pdu.h"
#include "iscsi/text_keys.h"

namespace bootwire::iscsi {

/// Responses, continued ones included, after which a login is given up.
inline constexpr int max_login_responses = 64;

/// Responses without a word of the security stage where one is due, after which the target is not
/// asked again: section 6.2 wants at least six exchanges to be allowed.
inline constexpr int max_idle_responses = 8;

enum class LoginProblem : uint8_t {
    none,
    settings_incomplete,  ///< no initiator name, no target name, or mutual without own CHAP
    request_too_long,     ///< what is to be sent does not fit into one PDU
    refused,              ///< status_class and status_detail
    rejected,             ///< a Reject PDU: reject_reason
    connection_closed,    ///< before the login was over
    unexpected_pdu,       ///< opcode
    frame_too_long,
    wrong_task_tag,
    wrong_session,  ///< an ISID that is not ours
    unsupported_version,
    wrong_stage,        ///< stage bits that do not fit the request
    no_session_handle,  ///< TSIH 0 in the last response
    malformed_text,     ///< text
    too_many_responses,
    bad_key,  ///< key, value, key_problem
    no_authentication_answer,
    authentication_not_offered,  ///< value
    credentials_needed,          ///< the target asks for CHAP, and there are no credentials
    chap,                        ///< chap_problem
    redirection_without_address,
    redirection_malformed,  ///< value
};

/// Texts are the peer's and unchecked: printable() before showing them.
struct LoginFailure {
    LoginProblem problem = LoginProblem::none;
    uint8_t status_class = 0;
    uint8_t status_detail = 0;
    uint8_t reject_reason = 0;
    Opcode opcode{};
    TextProblem text = TextProblem::none;
    KeyProblem key_problem = KeyProblem::none;
    ChapProblem chap_problem = ChapProblem::none;
    FixedText<max_key_length> key;
    FixedText<64> value;
};

}  // namespace bootwire::iscsi
