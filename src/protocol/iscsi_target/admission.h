// Who wants to log in, and on what terms the configuration lets it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.h"
#include "iscsi/chap.h"
#include "iscsi/isid.h"
#include "iscsi/name.h"
#include "iscsi/negotiation.h"
#include "iscsi_target/login_status.h"

namespace bootwire::iscsi {

/// What an initiator says in its first request. Both names are valid ones.
struct LoginIdentity {
    SessionType session_type = SessionType::normal;
    FixedText<max_name_length> initiator_name;
    FixedText<max_name_length> target_name;  ///< empty in a Discovery session
    Isid isid;
    uint16_t tsih = 0;
    uint16_t cid = 0;
};

/// The views must outlive the LoginServer that is given them.
struct Admission {
    /// Otherwise than success: the login ends with it. Of a redirection, `address` says where to.
    LoginStatus status;
    std::string_view address;  ///< as TargetAddress has it: host:port, portal group tag as you like

    /// What the initiator has to prove, unless it is let in `without_authentication`. With neither
    /// nobody is.
    std::optional<ChapCredentials> chap;
    bool without_authentication = false;
    /// For initiators that ask the target to prove itself. With the same secret both ways nobody
    /// is let in.
    std::optional<ChapCredentials> mutual_chap;
    std::span<const ChapAlgorithm> chap_algorithms = all_chap_algorithms;
    ChapRandom random;

    OperationalPreferences operational;
    uint16_t portal_group_tag = 1;
    std::string_view alias;  ///< of the target; empty: none is told
};

}  // namespace bootwire::iscsi
