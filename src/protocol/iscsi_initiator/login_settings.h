// What to log in to, as whom, and with which wishes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "iscsi/chap.h"
#include "iscsi/isid.h"
#include "iscsi/negotiation.h"

namespace bootwire::iscsi {

/// The views must outlive the LoginClient that is given them. The login makes a new session, with
/// connection 0, or reinstates the one with this name and ISID (TSIH 0).
struct LoginSettings {
    SessionType session_type = SessionType::normal;
    std::string_view initiator_name;
    std::string_view target_name;  ///< only for a Normal session
    Isid isid;
    uint32_t task_tag = 0;
    uint32_t cmd_sn = 1;
    /// Without: "None" is offered. With: "CHAP,None", so that a target that asks for no proof is
    /// fine too; in a Discovery session "None,CHAP".
    std::optional<ChapCredentials> chap;
    /// What the target must prove; needs `chap`. Then "CHAP" alone is offered.
    std::optional<ChapCredentials> mutual_chap;
    std::span<const ChapAlgorithm> chap_algorithms = all_chap_algorithms;
    ChapRandom random;
    OperationalPreferences operational;
    /// Someone else (the kernel behind SEND_PDU) stamps task tag, CmdSN and ExpStatSN: the task tag
    /// of responses is then not checked.
    bool numbers_stamped_elsewhere = false;
};

}  // namespace bootwire::iscsi
