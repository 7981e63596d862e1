// What a target announces on its own, for the log.
#pragma once

#include <string>

#include "iscsi/async.h"

namespace bootwire::iscsi {

/// One sentence.
std::string describe(const AsyncNotice& notice);

}  // namespace bootwire::iscsi
