// Who logs in to what: what every login of a session has in common.
#pragma once

#include <optional>
#include <string>

#include "iscsi_initiator/login.h"
#include "plan/chap_login.h"
#include "plan/values.h"

namespace bootwire::session {

struct Account {
    std::string initiator;
    std::string target;  ///< empty: a Discovery session
    iscsi::Isid isid;
    std::optional<plan::ChapLogin> chap;
    std::optional<plan::ChapLogin> mutual_chap;
    iscsi::OperationalPreferences operational;
};

/// For iscsi::LoginClient, with fresh random bytes. The views point into the account.
iscsi::LoginSettings login_settings(const Account& account);

/// A TargetAddress of a redirection or of SendTargets as a portal.
plan::Portal portal_of(const iscsi::TargetAddress& address);

}  // namespace bootwire::session
