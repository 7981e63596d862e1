// What a person should know of a login that succeeded.
#pragma once

#include <string>
#include <vector>

#include "iscsi_initiator/login.h"

namespace bootwire::session {

/// Sentences without the peer's name and without anything of a secret. For the session with the
/// disk; a Discovery session, which comes before it with the same secrets, has none.
std::vector<std::string> login_notes(const iscsi::LoginResult& result,
                                     const iscsi::LoginSettings& settings);

}  // namespace bootwire::session
