// iSCSI names that people write, and what is wrong with them.
#pragma once

#include <string_view>

#include "base/error.h"

namespace bootwire::plan {

/// iscsi::check_name() in words: an error that names `role` ("target name"), the value and the
/// expected form.
Status require_name(std::string_view role, std::string_view name);

}  // namespace bootwire::plan
