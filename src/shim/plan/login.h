// Names and secrets of the login.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"
#include "plan/root_paths.h"

namespace bootwire::plan {

/// Sets plan.chap and plan.mutual_chap, name and secret field by field. Half a login is an error,
/// not a login without CHAP: what was asked for is not left out quietly.
Status choose_logins(const Settings& settings, const std::optional<RootPaths>& paths, Plan& plan,
                     Report& report);

}  // namespace bootwire::plan
